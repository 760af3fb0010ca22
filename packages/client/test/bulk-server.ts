import type { Json, NavetteError } from '@navette/domain';
import type { Submission } from '../src/index.ts';
import { serveApi } from './server.ts';

/** What a test makes of the answer to one line: the answer as it is, a refusal in its place, or the end of all. */
export type LineFault = (line: number, request: number) => { status: number; code: string } | 'end' | undefined;

/** An API whose connection breaks at the end of one request, and whose `POST /submit-tasks` goes wrong as a test needs it; in the shape of the HTTP contract. */
export async function serveBulk(fault: LineFault = () => undefined, breaking?: number) {
  let requests = 0;
  const linesOf: number[] = [];
  const api = await serveApi({
    fault: (_request, number) => (number === breaking ? 'break-after' : undefined),
    answer: async (request) => {
      if (new URL(request.url).pathname !== '/submit-tasks') return undefined;
      const number = ++requests;
      const text = await request.text();
      if (request.headers.get('content-type') === 'application/json') return atomically(JSON.parse(text).tasks);
      const lines = text.split('\n').filter(Boolean);
      linesOf.push(lines.length);
      return new Response(answers(lines, number), { headers: { 'Content-Type': 'application/x-ndjson' } });
    },
  });

  const outcome = async (index: number, submission: Submission) => {
    try {
      const sent = submission as unknown as Json;
      const { task } = await api.navette.submitRequest(submission as never, { scope: '', sent });
      return { index, task };
    } catch (error) {
      const { code, message } = error as NavetteError;
      return { index, problem: { type: 'about:blank', title: '', status: 422, code, detail: message } };
    }
  };

  const answers = (lines: readonly string[], request: number) => {
    let index = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const wrong = fault(index, request);
        if (wrong === 'end' || index >= lines.length) return controller.close();
        const item = wrong
          ? { index, problem: { type: 'about:blank', title: '', detail: 'not now', ...wrong } }
          : await outcome(index, JSON.parse(lines[index]!));
        index++;
        controller.enqueue(new TextEncoder().encode(`${JSON.stringify(item)}\n`));
      },
    });
  };

  const atomically = async (tasks: Submission[]) => {
    const bad = tasks.findIndex(({ type }) => !type.startsWith('test.'));
    if (bad === -1) {
      const items = await Promise.all(tasks.map((task, index) => outcome(index, task)));
      return Response.json({ accepted: items.length, rejected: 0, items }, { status: 202 });
    }
    const items = [await outcome(bad, tasks[bad]!)];
    return Response.json({ accepted: 0, rejected: tasks.length, items }, { status: 422 });
  };

  return { ...api, linesOf };
}
