import { setTimeout as sleep } from 'node:timers/promises';
import { defineTask } from '@navette/domain';

const anything = { '~standard': { version: 1, vendor: 'navette-e2e', validate: (value) => ({ value }) } };

/** The catalogue of these tests. */
export default [
  // Its first attempt lasts until it is stopped, the next one an instant.
  defineTask({
    type: 'test.held',
    payload: anything,
    handler: (_payload, { attempt, signal }) =>
      attempt > 1
        ? 'released'
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
  }),
  // It says and reports something again and again until it is stopped.
  defineTask({
    type: 'test.narrated',
    payload: anything,
    handler: async (_payload, { signal, log, progress }) => {
      for (let n = 1; ; n++) {
        await log(`line ${n}`);
        await progress(n);
        await sleep(100, undefined, { signal });
      }
    },
  }),
  // It forgets a promise, as a careless handler does.
  defineTask({
    type: 'test.careless',
    payload: anything,
    handler: () => {
      Promise.reject(new Error('nobody waits for this'));
    },
  }),
];
