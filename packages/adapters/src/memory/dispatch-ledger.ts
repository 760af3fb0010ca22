import { type Dispatch, type DispatchLedger, priorityRank } from '@navette/domain';
import { readCursor, writeCursor } from './cursor.ts';
import { byTurn, dispatchOf, type Row, rowsIn, type Table } from './table.ts';

/** Makes the role `ledger` over a table. */
export function createDispatchLedger(table: Table): DispatchLedger {
  const queued = () => rowsIn(table, 'queued').sort(byTurn);
  const present = (dispatches: readonly Dispatch[]) =>
    dispatches.flatMap(({ taskId, dispatch }) => {
      const row = table.rows.get(taskId);
      return row?.task.state === 'queued' && row.task.dispatch === dispatch ? [row] : [];
    });
  return {
    unconfirmed: async (olderThanMs, limit) => {
      const before = table.now().getTime() - olderThanMs;
      const open = queued().filter((row) => !row.confirmed && row.dispatchedAt.getTime() <= before);
      return open.slice(0, limit).map(dispatchOf);
    },
    confirm: async (dispatches) => {
      for (const row of present(dispatches)) row.confirmed = true;
    },
    redispatch: async (dispatches) =>
      present(dispatches).map((row) => {
        table.change(row, { dispatch: row.task.dispatch + 1 });
        return dispatchOf(row);
      }),
    queued: async (cursor, limit) => {
      const rest = cursor === null ? queued() : after(queued(), cursor);
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const next = last && rest.length > limit ? writeCursor('queued', placeOf(last)) : null;
      return { dispatches: page.map(dispatchOf), cursor: next };
    },
    brokerMark: async () => structuredClone(table.mark),
    saveBrokerMark: async (mark) => {
      table.mark = structuredClone(mark);
    },
  };
}

function placeOf(row: Row): [rank: number, readySeq: number] {
  return [priorityRank(row.task.priority), row.readySeq];
}

function after(rows: readonly Row[], cursor: string): Row[] {
  const [rank, readySeq] = readCursor('queued', cursor, [0, 0]);
  return rows.filter((row) => {
    const [ownRank, ownSeq] = placeOf(row);
    return ownRank > rank || (ownRank === rank && ownSeq > readySeq);
  });
}
