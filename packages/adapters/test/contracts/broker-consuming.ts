import { StoreUnavailableError } from '@navette/domain';
import { describe, expect } from 'vitest';
import { eventually, patienceMs } from '../eventually.ts';
import { brokerCases, createGate } from './broker-scene.ts';
import type { OpenBroker } from './broker-under-test.ts';

/** How a consumer behaves: its limits, pauses, faults and end. */
export function describeConsuming(open: OpenBroker): void {
  const it = brokerCases(open);
  describe('consuming', () => {
    it('runs as many at once as it may, and no more', async ({ consume, submit, completed }) => {
      const gate = createGate();
      const listener = await consume({ concurrency: 3, handle: () => gate.passed });
      const ids = await submit(...Array.from({ length: 10 }, () => ({})));
      await listener.until(3);
      expect(listener.running).toEqual({ now: 3, most: 3 });
      gate.open();
      await completed(ids);
      expect(listener.running.most).toBe(3);
    });

    it('fills a slot as soon as it is free', async ({ consume, submit, completed }) => {
      const gates = [createGate(), createGate()];
      const listener = await consume({
        concurrency: 2,
        handle: async () => gates[listener.delivered.length - 1]?.passed,
      });
      const ids = await submit({}, {}, {}, {});
      await listener.until(2);
      gates[1]?.open();
      await completed(ids.slice(1));
      // A handler is over only after what it has settled can be read.
      await eventually(() => expect(listener.running).toEqual({ now: 1, most: 2 }));
      gates[0]?.open();
      await completed(ids);
    });

    it('delivers nothing of a paused queue until it goes on', async ({
      broker,
      store,
      consume,
      submit,
      completed,
      roundTrip,
    }) => {
      await store.control.setPaused('contract', true);
      await broker.setPaused('contract', true);
      const { delivered } = await consume();
      const ids = await submit({}, {});
      await roundTrip();
      expect(delivered).toEqual([]);
      await store.control.setPaused('contract', false);
      await broker.setPaused('contract', false);
      await completed(ids);
      expect(delivered).toHaveLength(2);
    });

    it('obeys a pause that only the store knows of', async ({ store, consume, submit, completed, roundTrip, get }) => {
      const { delivered } = await consume();
      await completed(await submit({}));
      await store.control.setPaused('contract', true);
      const [id = ''] = await submit({});
      await roundTrip();
      expect(delivered).toHaveLength(1);
      expect(await get(id)).toMatchObject({ state: 'queued', attempts: [] });
      await store.control.setPaused('contract', false);
      await completed([id]);
    });

    it('parks a type that it does not know for whoever does', async ({
      consume,
      submit,
      completed,
      roundTrip,
      get,
    }) => {
      const first = await consume();
      const [id = '', known = ''] = await submit({ type: 'new.type' }, {});
      await completed([known]);
      await roundTrip();
      expect(first.delivered.map(({ taskId }) => taskId)).toEqual([known]);
      expect(await get(id)).toMatchObject({ state: 'queued', attempts: [], error: null });
      const second = await consume({ types: ['new.type'] });
      await completed([id]);
      expect(second.delivered.map(({ taskId }) => taskId)).toEqual([id]);
    });

    it('does not deliver what has expired', async ({ consume, submit, completed, get }) => {
      const [expired = '', fine = ''] = await submit({ expiresAt: new Date(Date.now() - 60_000) }, {});
      const { delivered } = await consume();
      await completed([fine]);
      expect(delivered.map(({ taskId }) => taskId)).toEqual([fine]);
      expect((await get(expired)).attempts).toEqual([]);
    });

    it('claims nothing while it may not, and goes on when it may', async ({
      consume,
      submit,
      completed,
      roundTrip,
      get,
    }) => {
      let may = false;
      const { delivered } = await consume({ mayClaim: () => may });
      const [id = ''] = await submit({});
      await roundTrip();
      expect(delivered).toEqual([]);
      expect(await get(id)).toMatchObject({ state: 'queued', attempts: [] });
      may = true;
      await completed([id]);
    });

    it('takes a store that fails for no failed attempt, and goes on', async ({
      consume,
      submit,
      breakStore,
      completed,
      get,
    }) => {
      const listener = await consume({ concurrency: 2 });
      await completed(await submit({}));
      breakStore(true);
      const ids = await submit({}, {}, {});
      await eventually(() => expect(listener.errors.length).toBeGreaterThan(0));
      expect(listener.errors[0]).toBeInstanceOf(StoreUnavailableError);
      for (const id of ids) expect(await get(id)).toMatchObject({ state: 'queued', spent: 0, attempts: [] });
      breakStore(false);
      await completed(ids);
      for (const id of ids) expect((await get(id)).attempts).toMatchObject([{ number: 1, outcome: 'completed' }]);
    });

    it('hands out nothing after it has stopped, while what runs goes on', async ({
      consume,
      submit,
      completed,
      roundTrip,
      get,
    }) => {
      const gate = createGate();
      const listener = await consume({ handle: () => gate.passed });
      const [running = '', waiting = ''] = await submit({}, {});
      await listener.until(1);
      await listener.stop();
      await listener.stop();
      gate.open();
      await completed([running]);
      await roundTrip();
      expect(listener.delivered.map(({ taskId }) => taskId)).toEqual([running]);
      expect(await get(waiting)).toMatchObject({ state: 'queued', attempts: [] });
      await consume();
      await completed([waiting]);
    });

    it('leaves no claimed attempt behind when it stops', async ({ store, consume, submit }) => {
      const listener = await consume({ concurrency: 4 });
      const submitted = submit(...Array.from({ length: 40 }, () => ({})));
      await listener.until(5);
      await listener.stop();
      const atStop = listener.delivered.length;
      await listener.close(patienceMs);
      const ids = await submitted;
      const tasks = await Promise.all(ids.map((id) => store.records.get(id)));
      expect(tasks.filter((task) => task?.state === 'running')).toEqual([]);
      expect(tasks.filter((task) => task?.state === 'completed')).toHaveLength(atStop);
      expect(listener.delivered).toHaveLength(atStop);
    });

    it('waits for what runs when it closes', async ({ consume, submit, completed }) => {
      const gate = createGate();
      const listener = await consume({ handle: () => gate.passed });
      const ids = await submit({});
      await listener.until(1);
      await listener.stop();
      const closed = listener.close(patienceMs).then(() => listener.running.now);
      gate.open();
      expect(await closed).toBe(0);
      await completed(ids);
    });

    it('waits no longer than its deadline', async ({ consume, submit, completed }) => {
      const gate = createGate();
      const listener = await consume({ handle: () => gate.passed });
      const ids = await submit({});
      await listener.until(1);
      await listener.stop();
      await listener.close(50);
      expect(listener.running.now).toBe(1);
      gate.open();
      await completed(ids);
    });

    it('may be stopped at once, and the broker be closed twice', async ({ broker, consume }) => {
      const listener = await consume();
      await listener.stop();
      await listener.close(1_000);
      await listener.close(1_000);
      await broker.close();
      await broker.close();
    });
  });
}
