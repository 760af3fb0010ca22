import { BrokerUnavailableError, createNavette, type Dispatch, type TaskBroker } from '@navette/domain';
import { expect, test } from 'vitest';
import { createMemoryBroker, createMemoryEvents } from '../../src/memory/index.ts';
import { createStage, taskOf } from './stage.ts';

/** A broker apart from the store that can be away; it loses nothing by that. */
function createBrokerApart(own: TaskBroker) {
  const held = new Set<string>();
  const site = { away: false, held };
  const keyOf = ({ taskId, dispatch }: Dispatch) => `${taskId}.${dispatch}`;
  const present = () => {
    if (site.away) throw new BrokerUnavailableError('away');
  };
  const broker: TaskBroker = {
    ...own,
    dispatch: async (dispatches) => {
      present();
      for (const dispatch of dispatches) held.add(keyOf(dispatch));
    },
    audit: {
      missing: async (dispatches) => {
        present();
        return dispatches.filter((dispatch) => !held.has(keyOf(dispatch)));
      },
      epoch: async () => {
        present();
        return 'the same life';
      },
    },
  };
  return Object.assign(site, { broker });
}

test('what was submitted while the broker was away is handed over as soon as it is back', async () => {
  const { store, system } = createStage();
  const site = createBrokerApart(createMemoryBroker({ store }));
  const task = taskOf(() => null);
  const navette = createNavette({ store, broker: site.broker, events: createMemoryEvents(), system, tasks: [task] });
  navette.work({ queues: {} });
  await system.advance(3_000);
  site.away = true;
  await system.advance(2_000);
  const { id } = await navette.submit(task, null);
  await system.advance(500);
  expect([...site.held]).toEqual([]);
  site.away = false;
  await system.advance(1_500);
  expect([...site.held]).toEqual([`${id}.2`]);
});
