import type { BulkItem } from '../src/index.ts';
import { serveApi } from './server.ts';

/** What a test makes of the answer to one line: the answer as it is, a refusal in its place, or the end of all. */
export type LineFault = (line: number, request: number) => { status: number; code: string } | 'end' | undefined;

/** An API whose connection breaks at the end of one request, and whose answers to lines go wrong as a test needs it. */
export async function serveBulk(fault: LineFault = () => undefined, breaking?: number) {
  let requests = 0;
  const linesOf: number[] = [];
  const api = await serveApi({
    fault: (_request, number) => (number === breaking ? 'break-after' : undefined),
    answer: async (request) => {
      if (request.headers.get('content-type') !== 'application/x-ndjson') return undefined;
      const number = ++requests;
      const response = await api.app.fetch(request);
      const answered = (await response.text()).split('\n').slice(0, -1);
      linesOf.push(answered.length);
      const end = answered.findIndex((_line, index) => fault(index, number) === 'end');
      const told = answered.slice(0, end === -1 ? undefined : end).map((line, index) => {
        const wrong = fault(index, number);
        if (!wrong || wrong === 'end') return line;
        const problem = { type: 'about:blank', title: '', detail: 'not now', ...wrong };
        return JSON.stringify({ index, problem } as BulkItem);
      });
      return new Response(told.map((line) => `${line}\n`).join(''), response);
    },
  });
  return { ...api, linesOf };
}
