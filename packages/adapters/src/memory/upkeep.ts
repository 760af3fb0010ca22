import { isTerminal, type MovedTask, type Task, type Upkeep } from '@navette/domain';
import { endAttempt } from './attempts.ts';
import { lossOf } from './settlement.ts';
import { dispatchOf, isPast, type Lease, type OperationRow, type Row, rowsIn, type Table } from './table.ts';

/** Makes the role `upkeep` over a table; a task is kept while its idempotency key is younger than `keepKeysMs`. */
export function createUpkeep(table: Table, keepKeysMs: number): Upkeep {
  const isLive = (lease: Lease | undefined): lease is Lease => lease !== undefined && lease.endsAt > table.now();
  const running = (workerId: string) => rowsIn(table, 'running').filter((row) => workerOf(row) === workerId);
  return {
    renew: async (worker, leaseMs) => {
      const now = table.now();
      const before = table.leases.get(worker.id);
      const startedAt = before?.startedAt ?? now;
      const inTime = isLive(before);
      const endsAt = new Date(now.getTime() + leaseMs);
      table.leases.set(worker.id, { info: structuredClone(worker), startedAt, renewedAt: now, endsAt });
      return {
        inTime,
        held: running(worker.id).map(({ task: { id, attempt, cancellation } }) => {
          return { taskId: id, attempt, cancelRequested: cancellation !== null };
        }),
      };
    },
    release: async (workerId) => {
      const lease = table.leases.get(workerId);
      if (isLive(lease)) table.leases.set(workerId, { ...lease, endsAt: table.now() });
    },
    workers: async () => {
      const live = [...table.leases.values()].filter(isLive);
      return live.map(({ info, startedAt, renewedAt }) => structuredClone({ ...info, startedAt, renewedAt }));
    },
    promoteDue: async (limit) => {
      const waiting = rowsIn(table, 'scheduled', 'retrying').sort((a, b) => dueMs(a) - dueMs(b));
      const due = waiting.slice(0, limit).filter((row) => isPast(row.task.runAt, table.now()));
      const next = waiting[due.length];
      return {
        promoted: due.map((row) => move(table, row, { state: 'queued' })),
        nextDueInMs: next ? Math.max(0, dueMs(next) - table.now().getTime()) : null,
      };
    },
    recoverLost: async (judge, limit) => {
      if (!isLive(table.leases.get(judge))) return undefined;
      const lost = rowsIn(table, 'running').filter((row) => !isLive(table.leases.get(workerOf(row))));
      return lost.slice(0, limit).map((row) => {
        const end = lossOf(row.task);
        endAttempt(row, end, table.now());
        return move(table, row, end.changes);
      });
    },
    expire: async (limit) => {
      const waiting = rowsIn(table, 'scheduled', 'queued', 'retrying');
      const over = waiting.filter((row) => isPast(row.task.expiresAt, table.now()));
      return over.slice(0, limit).map((row) => move(table, row, { state: 'expired' }));
    },
    prune: async (limit, olderThanMs) => {
      const isGone = (row: OperationRow) => isOldOperation(table, row, olderThanMs, keepKeysMs);
      const operations = [...table.operations.values()].filter(isGone).slice(0, limit);
      for (const { operation } of operations) table.operations.delete(operation.id);
      const tasks = [...table.rows.values()]
        .filter((row) => isOld(table, row, olderThanMs, keepKeysMs))
        .slice(0, limit - operations.length);
      for (const row of tasks) {
        table.rows.delete(row.task.id);
        if (row.key !== undefined && table.keys.get(row.key)?.taskId === row.task.id) table.keys.delete(row.key);
      }
      const pruned = operations.length + tasks.length;
      if (pruned < limit) forgetWorkers(table, limit, Math.max(olderThanMs, keepKeysMs));
      return pruned;
    },
  };
}

function forgetWorkers(table: Table, limit: number, endedMs: number): void {
  const ended = [...table.leases].filter(([, { endsAt }]) => table.now().getTime() - endsAt.getTime() >= endedMs);
  for (const [id] of ended.slice(0, limit)) table.leases.delete(id);
}

function move(table: Table, row: Row, changes: Partial<Task>): MovedTask {
  table.change(row, changes);
  const { id, state } = row.task;
  const moved = { taskId: id, state: state as MovedTask['state'] };
  return state === 'queued' ? { ...moved, dispatch: dispatchOf(row) } : moved;
}

function workerOf(row: Row): string {
  return row.attempts.at(-1)?.worker ?? '';
}

function dueMs(row: Row): number {
  return row.task.runAt?.getTime() ?? 0;
}

function isOld(table: Table, { task, key }: Row, olderThanMs: number, keepKeysMs: number): boolean {
  const ageMs = (moment: Date) => table.now().getTime() - moment.getTime();
  if (!isTerminal(task.state) || !task.finishedAt || ageMs(task.finishedAt) < olderThanMs) return false;
  return key === undefined || ageMs(task.submittedAt) >= keepKeysMs;
}

function isOldOperation(table: Table, row: OperationRow, olderThanMs: number, keepKeysMs: number): boolean {
  const { createdAt, finishedAt } = row.operation;
  const ageMs = (moment: Date) => table.now().getTime() - moment.getTime();
  if (!finishedAt || ageMs(finishedAt) < olderThanMs) return false;
  return row.idempotency === undefined || ageMs(createdAt) >= keepKeysMs;
}
