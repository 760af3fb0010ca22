import type { TaskEvent } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createSystem } from '../../src/system/index.ts';
import { eventually } from '../eventually.ts';
import type { EventsUnderTest, OpenEvents } from './events-under-test.ts';

export type { EventsUnderTest, OpenEvents } from './events-under-test.ts';

const { newId } = createSystem();
const progress = (taskId: string): TaskEvent => ({ kind: 'progress', taskId });

/** What every carrier of events must do. */
export function describeEventsContract(name: string, open: OpenEvents): void {
  const it = (title: string, body: (opened: EventsUnderTest) => Promise<void>) =>
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened);
      } finally {
        await opened.close();
      }
    });

  /** Listens and keeps what it hears. */
  const ear = async (events: EventsUnderTest['events'], taskId?: string) => {
    const heard: TaskEvent[] = [];
    const leave = await events.subscribe(taskId, (event) => heard.push(event));
    return { heard, leave };
  };

  describe(`events contract: ${name}`, () => {
    it('carries every kind to whoever listens to the task, or to all', async ({ events, elsewhere }) => {
      const taskId = newId();
      const [own, all] = [await ear(events, taskId), await ear(events)];
      const sent: TaskEvent[] = [
        { kind: 'state', taskId, state: 'running' },
        progress(taskId),
        { kind: 'log', taskId },
        { kind: 'cancel', taskId },
        { kind: 'state', taskId, state: 'completed' },
      ];
      elsewhere.publish(sent);
      await eventually(() => expect(own.heard).toEqual(sent));
      await eventually(() => expect(all.heard).toEqual(sent));
    });

    it('is listening once it says so, on both sides', async ({ events, elsewhere }) => {
      for (let n = 0; n < 5; n++) {
        const [a, b] = [newId(), newId()];
        const [here, there] = [await ear(events, a), await ear(elsewhere, b)];
        elsewhere.publish([progress(a)]);
        events.publish([progress(b)]);
        await eventually(() => expect([here.heard, there.heard]).toEqual([[progress(a)], [progress(b)]]));
      }
    });

    it('keeps tasks apart', async ({ events, elsewhere }) => {
      const [a, b] = [newId(), newId()];
      const [ofA, ofB] = [await ear(events, a), await ear(events, b)];
      elsewhere.publish([progress(a), progress(b), progress(newId()), progress(b)]);
      await eventually(() => expect(ofB.heard).toEqual([progress(b), progress(b)]));
      expect(ofA.heard).toEqual([progress(a)]);
    });

    it('keeps the order in which one side publishes', async ({ events, elsewhere }) => {
      const { heard } = await ear(events);
      const sent = Array.from({ length: 200 }, () => progress(newId()));
      for (let n = 0; n < sent.length; n += 7) elsewhere.publish(sent.slice(n, n + 7));
      await eventually(() => expect(heard).toEqual(sent));
    });

    it('says nothing more to whoever has left, and goes on with the others', async ({ events, elsewhere }) => {
      const taskId = newId();
      const [gone, staying] = [await ear(events, taskId), await ear(events, taskId)];
      gone.leave();
      gone.leave();
      elsewhere.publish([progress(taskId)]);
      await eventually(() => expect(staying.heard).toEqual([progress(taskId)]));
      expect(gone.heard).toEqual([]);
      const back = await ear(events, taskId);
      elsewhere.publish([progress(taskId)]);
      await eventually(() => expect(back.heard).toEqual([progress(taskId)]));
    });

    it('counts a function that listens twice as two listeners', async ({ events, elsewhere }) => {
      const taskId = newId();
      const heard: TaskEvent[] = [];
      const listener = (event: TaskEvent) => void heard.push(event);
      const leave = await events.subscribe(taskId, listener);
      await events.subscribe(taskId, listener);
      elsewhere.publish([progress(taskId)]);
      await eventually(() => expect(heard).toHaveLength(2));
      leave();
      const last = await ear(events, taskId);
      elsewhere.publish([progress(taskId)]);
      await eventually(() => expect(last.heard).toHaveLength(1));
      expect(heard).toHaveLength(3);
    });

    it('lets no listener that throws hurt the others', async ({ events, elsewhere }) => {
      const taskId = newId();
      for (const of of [taskId, undefined]) {
        await events.subscribe(of, () => {
          throw new Error('a listener of the test');
        });
      }
      const [own, all] = [await ear(events, taskId), await ear(events)];
      const sent = [progress(taskId), progress(taskId)];
      elsewhere.publish(sent);
      await eventually(() => expect([own.heard, all.heard]).toEqual([sent, sent]));
    });

    it('publishes nothing, and to nobody, without complaint', async ({ events }) => {
      events.publish([]);
      events.publish([progress(newId())]);
      const { heard } = await ear(events);
      events.publish([progress('last')]);
      await eventually(() => expect(heard).toContainEqual(progress('last')));
    });

    it('may be closed at any time, and takes publishing then for lost', async ({ events, elsewhere }) => {
      events.publish([progress(newId())]);
      await events.close();
      await events.close();
      expect(() => events.publish([progress(newId())])).not.toThrow();
      await elsewhere.close();
    });
  });
}
