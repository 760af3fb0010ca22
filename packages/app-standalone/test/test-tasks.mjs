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
  // It forgets a promise, as a careless handler does.
  defineTask({
    type: 'test.careless',
    payload: anything,
    handler: () => {
      Promise.reject(new Error('nobody waits for this'));
    },
  }),
];
