import { StoreUnavailableError } from '@navette/domain';
import { demoEcho } from '@navette/tasks';
import { expect, it, vi } from 'vitest';
import { type Operation, operationsOf } from './answers/record-answer.ts';
import { type Api, type ApiOptions, type CallOptions, createApi } from './api.ts';

const absent: Record<string, string> = { id: '01a20cd2-67fe-7309-8b8b-b2bfeec8fe57', name: 'nowhere' };
const known: Record<string, string> = { ...absent, name: 'default' };
const secret = 'select secret from tasks at postgres://me:pw@10.1.2.3';

/** An API that knows what the examples of its document submit. */
const create = (options: ApiOptions = {}) => createApi({ tasks: [demoEcho], ...options });

/** Does something with every operation of the document that is of a kind; says which, where it goes wrong. */
async function each(is: (operation: Operation) => boolean, act: (operation: Operation) => Promise<void>) {
  const operations = operationsOf(create().app).filter(is);
  expect(operations.length).toBeGreaterThan(0);
  for (const operation of operations) await act(operation);
}

/** Calls an operation as its document shows how. */
function call(api: Api, operation: Operation, parameters = known, { query = '', ...options }: Call = {}) {
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => parameters[name] ?? `no sample of ${name}`);
  return api.call(operation.method.toUpperCase(), `${path}${query}`, { ...exampleOf(operation), ...options });
}

interface Call extends CallOptions {
  readonly query?: string;
}

function exampleOf(operation: Operation): CallOptions {
  if (!takesBody(operation)) return {};
  const example = operation.request?.body?.content['application/json']?.example;
  expect(example, `${operation.path} has a body, and no example of it in the document`).toBeDefined();
  return { headers: json, body: JSON.stringify(example) };
}

const json = { 'Content-Type': 'application/json' };
const always = () => true;
const takesBody = ({ request }: Operation) => request?.body !== undefined;
const takesParameter = ({ path }: Operation) => path.includes('{');
const needsKey = ({ path }: Operation) => !path.startsWith('/health/');
const declares = (status: number) => (operation: Operation) => operation.responses[status] !== undefined;

it('asks for a key, whatever is called', async () => {
  const api = create({ apiKeys: [{ name: 'one', secret: 'secret-one' }] });
  await each(needsKey, async (operation) => {
    const { status, body } = await call(api, operation);
    expect([operation.path, status, body.code]).toEqual([operation.path, 401, 'unauthorized']);
  });
});

it('refuses a foreign Host, whatever is called', async () => {
  const api = create();
  await each(always, async (operation) => {
    const { status, body } = await call(api, operation, known, { headers: { ...json, Host: 'evil.example' } });
    expect([operation.path, status, body.code]).toEqual([operation.path, 403, 'forbidden']);
  });
});

it('refuses a parameter that means nothing, whatever is called', async () => {
  const api = create();
  await each(declares(400), async (operation) => {
    const { status, body } = await call(api, operation, known, { query: '?no-such-parameter=1' });
    expect([operation.path, status, body.code]).toEqual([operation.path, 400, 'invalid_query']);
    expect(body.errors).toMatchObject([{ parameter: 'no-such-parameter' }]);
  });
});

it('knows nothing that is not there', async () => {
  const api = create();
  await each(takesParameter, async (operation) => {
    const { status, body } = await call(api, operation, absent);
    expect([operation.path, status, body.code]).toEqual([operation.path, 404, expect.stringMatching(/not_found$/)]);
  });
});

it('refuses every body that is too large, or not JSON, or not what is asked for', async () => {
  const refusals: [ApiOptions, CallOptions, number, string][] = [
    [{ maxBodyBytes: 8 }, {}, 413, 'payload_too_large'],
    [{}, { headers: { 'Content-Type': 'text/plain' } }, 415, 'unsupported_media_type'],
    [{}, { body: '{' }, 400, 'invalid_json'],
    [{}, { body: '{"noSuchField":1}' }, 422, 'invalid_request'],
  ];
  for (const [options, wrong, expected, code] of refusals) {
    const api = create(options);
    await each(takesBody, async (operation) => {
      const { status, body } = await call(api, operation, known, wrong);
      expect([operation.path, status, body.code]).toEqual([operation.path, expected, code]);
    });
  }
});

it('takes every body that the document shows', async () => {
  const api = create();
  await each(takesBody, async (operation) => {
    const { status } = await call(api, operation);
    expect([operation.path, [200, 202].includes(status)]).toEqual([operation.path, true]);
  });
});

it('says that the store is away, wherever it is needed, and nothing of why', async () => {
  const api = create({ health: { store: async () => false } });
  breakStore(api, new StoreUnavailableError(secret));
  await each(declares(503), async (operation) => {
    const { status, body, headers, text } = await call(api, operation);
    expect([operation.path, status]).toEqual([operation.path, 503]);
    expect(text).not.toMatch(/secret|10\.1\.2\.3/);
    if (needsKey(operation)) expect([body.code, headers.get('retry-after')]).toEqual(['store_unavailable', '1']);
  });
});

it('tells nothing of a fault of its own, and logs it', async () => {
  const error = vi.fn();
  const api = create({ log: { debug() {}, info() {}, warn() {}, error } });
  breakStore(api, new Error(secret));
  await each(declares(500), async (operation) => {
    error.mockClear();
    const { status, body, text } = await call(api, operation);
    expect([operation.path, status, body.code]).toEqual([operation.path, 500, 'internal_error']);
    expect(text).not.toMatch(/secret|10\.1\.2\.3/);
    expect(error).toHaveBeenCalledOnce();
  });
});

/** Has everything that is asked of the store fail. */
function breakStore({ store }: Api, error: Error): void {
  for (const port of [
    store.records,
    store.attempts,
    store.control,
    store.upkeep,
    store.ledger,
    store.feed,
    store.operations,
  ]) {
    const methods = port as unknown as Record<string, () => Promise<never>>;
    for (const name of Object.keys(methods)) vi.spyOn(methods, name).mockRejectedValue(error);
  }
}
