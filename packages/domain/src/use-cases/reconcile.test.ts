import { describe, expect, test } from 'vitest';
import type { DispatchLedger } from '../ports/dispatch-ledger.ts';
import type { Dispatch } from '../ports/task-broker.ts';
import { createSweep, type ReconcileDeps } from './reconcile.ts';

const dispatchOf = (taskId: string, dispatch = 1): Dispatch => ({
  taskId,
  dispatch,
  queue: 'default',
  priority: 'normal',
});

/** Queued tasks by name, and a broker that holds some of their jobs. */
function createScene(names: readonly string[]) {
  const numbers = new Map(names.map((name) => [name, 1]));
  const held = new Set<string>();
  const keyOf = ({ taskId, dispatch }: Dispatch) => `${taskId}.${dispatch}`;
  const ledger: Pick<DispatchLedger, 'queued' | 'redispatch'> = {
    queued: async (cursor, limit) => {
      const from = Number(cursor ?? 0);
      const page = [...numbers].slice(from, from + limit).map(([name, number]) => dispatchOf(name, number));
      return { dispatches: page, cursor: from + limit < numbers.size ? String(from + limit) : null };
    },
    redispatch: async (dispatches) => {
      const present = dispatches.filter(({ taskId, dispatch }) => numbers.get(taskId) === dispatch);
      return present.map(({ taskId, dispatch }) => {
        numbers.set(taskId, dispatch + 1);
        return dispatchOf(taskId, dispatch + 1);
      });
    },
  };
  const deps = {
    ledger,
    broker: {
      dispatch: async (dispatches: readonly Dispatch[]) => {
        for (const dispatch of dispatches) held.add(keyOf(dispatch));
      },
    },
    audit: { missing: async (page: readonly Dispatch[]) => page.filter((dispatch) => !held.has(keyOf(dispatch))) },
  } as unknown as ReconcileDeps;
  return { numbers, held, sweep: createSweep(deps) };
}

describe('the sweep', () => {
  test('hands over again what the broker has lost, page by page, whatever else holds', async () => {
    const { held, sweep } = createScene(['a', 'b', 'c', 'd', 'e']);
    for (const name of ['a', 'c', 'd']) held.add(`${name}.1`);
    const renewed = [];
    for (let step = 0; step < 4; step++) renewed.push(await sweep(2));
    expect(renewed).toEqual([0, 1, 0, 1]);
    expect([...held].sort()).toEqual(['a.1', 'b.2', 'c.1', 'd.1', 'e.2']);
  });

  test('starts again at the front', async () => {
    const { held, sweep } = createScene(['a']);
    held.add('a.1');
    await sweep(10);
    held.clear();
    await sweep(10);
    expect(await sweep(10)).toBe(1);
    expect([...held]).toEqual(['a.2']);
  });

  test('leaves alone what was merely on its way', async () => {
    const { held, numbers, sweep } = createScene(['late', 'claimed']);
    await sweep(10);
    held.add('late.1');
    numbers.delete('claimed');
    expect(await sweep(10)).toBe(0);
    expect([...held]).toEqual(['late.1']);
  });
});
