/** The examples of docs/client.md, compiled here and run by a test. */
import { createClient, NavetteApiError, type NavetteClient, NavetteConnectionError, type Task } from '@navette/client';

export function first() {
  const navette = createClient({ baseUrl: 'http://127.0.0.1:3000', apiKey: process.env.NAVETTE_API_KEY });
  return navette;
}

export async function submit(navette: NavetteClient) {
  const task = await navette.submit({ type: 'demo.echo', payload: { hello: 'world' }, tags: ['customer:42'] });
  const done = await navette.wait(task.id);
  console.log(done.state, done.result);
}

export async function submitAndWait(navette: NavetteClient) {
  const report = await navette.submit({ type: 'csv.summary', payload: { text: 'a,b\n1,2' } }, { timeoutMs: 30_000 });
  if (report.state === 'completed') console.log(report.result);
}

export async function follow(navette: NavetteClient, task: Task) {
  for await (const event of navette.follow(task.id)) {
    if (event.event === 'state') console.log(event.data.state);
    if (event.event === 'progress') console.log(event.data);
    if (event.event === 'log') console.log(event.data.message);
  }
}

export async function followAll(navette: NavetteClient, signal: AbortSignal, lastId?: string) {
  for await (const { event, id, data } of navette.followAll({ tag: 'customer:42' }, { after: lastId, signal })) {
    if (event === 'state') console.log(data.id, data.state, data.version);
    lastId = id;
  }
}

export async function submitMany(navette: NavetteClient) {
  const orders = [{ id: 1 }, { id: 2 }];
  const submissions = orders.map((payload) => ({ type: 'demo.echo', payload, idempotencyKey: `order-${payload.id}` }));
  const { accepted, items } = await navette.submitMany(submissions);
  for (const { index, problem } of items) if (problem) console.error(orders[index], problem.detail);
  console.log(accepted);
}

export async function listAll(navette: NavetteClient) {
  for await (const failed of navette.listAll({ state: ['failed'], tag: 'customer:42' })) {
    console.log(failed.id, failed.error?.code);
  }
}

export async function operations(navette: NavetteClient) {
  const request = {
    action: 'retry' as const,
    filter: { type: 'http.request', state: ['failed' as const] },
    perSecond: 50,
  };
  const { count } = await navette.operations.dryRun(request);
  console.log(`${count} tasks would run again`);
  const { id } = await navette.operations.start(request);
  for await (const { done, total } of navette.operations.follow(id)) console.log(`${done}/${total}`);
}

export async function errors(navette: NavetteClient) {
  try {
    await navette.submit({ type: 'demo.sleep', payload: { ms: 'long' } });
  } catch (error) {
    if (error instanceof NavetteApiError)
      console.error(error.status, error.code, error.errors); // 422 invalid_payload …
    else if (error instanceof NavetteConnectionError) console.error('no answer', error.cause);
    else throw error;
  }
}
