// Navette as a library, whatever the set-up: what all of ours have in common.
import { createNavette, defineTask } from '@navette/adapters';
import { createArrivals } from './arrivals.mjs';
import { createRows } from './navette-rows.mjs';

const anyPayload = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };

/**
 * @param opened store, broker, events, ready
 * @param pool connections to the store's database
 * @param close frees what `navette.close` does not
 */
export async function openSide({ opened, pool, close }) {
  let handler = async () => {};
  const task = defineTask({ type: 'bench', queue: 'bench', payload: anyPayload, handler: () => handler() });
  const { store, broker, events, ready } = opened;
  await ready;
  const navette = createNavette({ store, broker, events, tasks: [task] });
  const rows = createRows(pool);
  const arrivals = createArrivals();
  let n = 0;
  let worker;
  let listening;

  const submit = async () => (await navette.submit(task, { n: n++ })).id;
  const submitMany = (size) =>
    navette.submitMany(Array.from({ length: size }, () => ({ type: task, payload: { n: n++ } })));

  /** A broker apart from the store is handed what the store holds. */
  const dispatchQueued = async () => {
    for await (const page of rows.queued()) {
      await dispatch(page.map(({ id, dispatch }) => ({ taskId: id, dispatch, queue: task.queue, priority: 'normal' })));
    }
  };
  /** A second hand-over of the same changes nothing, so one that did not come through in time is repeated. */
  const dispatch = async (page, tries = 10) => {
    try {
      await broker.dispatch(page);
    } catch (error) {
      if (error.code !== 'broker_unavailable' || tries === 0) throw error;
      await dispatch(page, tries - 1);
    }
  };

  return {
    submit,
    submitMany,
    async fill(count) {
      await rows.copyQueued(await submit(), count - 1);
      if (broker.audit) await dispatchQueued();
    },
    /** Adds `count` tasks to the history. */
    async fillHistory(count) {
      const worker = navette.work();
      const id = await submit();
      await navette.wait(id);
      await worker.stop();
      await rows.copyEnded(id, count - 1);
    },
    async work({ concurrency, handler: given }) {
      handler = given;
      worker = navette.work({ queues: { bench: concurrency } });
      await worker.ready;
    },
    // A task counts when its result is committed.
    ended: () => worker.status().ended,
    async roundTrip() {
      listening ??= events.subscribe(undefined, (event) => {
        if (event.kind === 'state' && event.state === 'completed') arrivals.add(event.taskId);
      });
      await listening;
      await arrivals.after(submit);
    },
    check: rows.check,
    tidy: rows.tidy,
    bytes: rows.bytes,
    async close() {
      await navette.close();
      await close();
    },
  };
}
