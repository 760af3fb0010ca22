// Navette as a library: a task row and an attempt row for every task, with result, history indexes and group commit.
import { createNavette, defineTask } from '@navette/adapters';

export const does = 'inserts a task row; the worker claims it, runs it, and writes result and attempt row. Keeps all.';

const noProblem = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };

/** @param setUp opens { store, broker, events, ready, close }, closing what `createNavette` does not. */
export async function openSide(setUp) {
  let handler = async () => {};
  const task = defineTask({
    type: 'bench',
    queue: 'bench',
    payload: noProblem,
    handler: (payload) => handler(payload),
  });
  const { ready, close, ...parts } = await setUp();
  await ready;
  const navette = createNavette({ ...parts, tasks: [task] });
  return {
    async submitBulk(count) {
      const loops = Array.from({ length: 500 }, async (_, lane) => {
        for (let n = lane; n < count; n += 500) await navette.submit(task, { n });
      });
      await Promise.all(loops);
    },
    async submit(n) {
      await navette.submit(task, { n });
    },
    async process(count, concurrency, given) {
      let left = count;
      let end = () => {};
      const ended = new Promise((resolve) => {
        end = resolve;
      });
      handler = given;
      // The last settle is what counts: a task is done when its result is committed.
      const unsubscribe = await parts.events.subscribe(undefined, (event) => {
        if (event.kind === 'state' && event.state === 'completed' && --left === 0) end();
      });
      const startedAt = performance.now();
      const worker = navette.work({ queues: { bench: concurrency } });
      await ended;
      const seconds = (performance.now() - startedAt) / 1000;
      unsubscribe();
      await worker.stop();
      return seconds;
    },
    async close() {
      await navette.close();
      await close();
    },
  };
}
