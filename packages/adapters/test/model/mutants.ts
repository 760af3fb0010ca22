import { type ClaimedAttempt, isTerminal, type Task } from '@navette/domain';
import { endAttempt } from '../../src/memory/attempts.ts';
import type { MemoryStore } from '../../src/memory/index.ts';
import { endOf } from '../../src/memory/settlement.ts';
import type { Row, Table } from '../../src/memory/table.ts';
import type { BrokerKind } from './broker-site.ts';

/** A mistake in the store that the model must find. */
export interface Mutant {
  readonly name: string;
  readonly broker: BrokerKind;
  /** What the model says of it. */
  readonly foundAs: RegExp;
  /** The roles with the mistake in them. Writes past the table's own guard, which would find some of the mistakes. */
  mutate(store: MemoryStore, table: Table): Partial<MemoryStore>;
}

function overwrite(row: Row, changes: Partial<Task>): void {
  row.task = { ...row.task, ...changes, version: row.task.version + 1 };
}

const unguardedClaim: Mutant = {
  name: 'a claim that is granted whatever the state and dispatch of the task',
  broker: 'a broker apart',
  foundAs: /claim made/,
  mutate: ({ attempts }, table) => ({
    attempts: {
      ...attempts,
      claim: async ({ worker }, taskId) => {
        const row = table.rows.get(taskId);
        if (!row) return { kind: 'superseded' };
        const startedAt = table.now();
        const number = row.task.attempt + 1;
        overwrite(row, { state: 'running', attempt: number, startedAt, finishedAt: null, result: null });
        row.attempts.push({ number, outcome: 'running', worker, startedAt, finishedAt: null, error: null });
        const attempt: ClaimedAttempt = { ...row.task, taskId, attempt: number, worker };
        return { kind: 'granted', attempt };
      },
    },
  }),
};

const unguardedSettle: Mutant = {
  name: 'a settle that is written although the attempt has been superseded',
  broker: 'the store as queue',
  foundAs: /only the attempt that runs is heard/,
  mutate: ({ attempts }, table) => ({
    attempts: {
      ...attempts,
      settle: async (ref, settlement) => {
        const row = table.rows.get(ref.taskId);
        if (!row) return { kind: 'superseded' };
        const end = endOf(row.task, settlement, table.now());
        const finishedAt = end.changes.state && isTerminal(end.changes.state) ? table.now() : null;
        endAttempt(row, end, table.now());
        overwrite(row, { finishedAt, ...end.changes });
        const { state, dispatch } = row.task;
        return isTerminal(state) ? { kind: 'settled', state } : { kind: 'settled', state, dispatch };
      },
    },
  }),
};

const forgottenCancel: Mutant = {
  name: 'a recovery that forgets a request to cancel',
  broker: 'the store as queue',
  foundAs: /a task that is to be cancelled never waits again/,
  mutate: ({ upkeep }, table) => ({
    upkeep: {
      ...upkeep,
      recoverLost: (judge, limit) => {
        const before = [...table.rows.values()].map((row) => ({ row, task: row.task }));
        for (const { row, task } of before) row.task = { ...task, cancellation: null };
        const moved = upkeep.recoverLost(judge, limit);
        for (const { row, task } of before) if (row.task.version === task.version) row.task = task;
        return moved;
      },
    },
  }),
};

const uncountedLoss: Mutant = {
  name: 'a lost attempt that does not count as spent',
  broker: 'the store as queue',
  foundAs: /spent is what has counted since a retry was last asked for/,
  mutate: ({ upkeep }, table) => ({
    upkeep: {
      ...upkeep,
      recoverLost: (judge, limit) => {
        const before = [...table.rows.values()].map((row) => ({ row, task: row.task }));
        const moved = upkeep.recoverLost(judge, limit);
        for (const { row, task } of before) if (row.task !== task) row.task = { ...row.task, spent: task.spent };
        return moved;
      },
    },
  }),
};

const hastyRecovery: Mutant = {
  name: 'a recovery that does not look at leases',
  broker: 'the store as queue',
  foundAs: /nobody is declared lost while its lease is live/,
  mutate: ({ upkeep }, table) => ({
    upkeep: {
      ...upkeep,
      recoverLost: (judge, limit) => {
        const leases = [...table.leases];
        for (const [id] of leases) if (id !== judge) table.leases.delete(id);
        const moved = upkeep.recoverLost(judge, limit);
        for (const [id, lease] of leases) table.leases.set(id, lease);
        return moved;
      },
    },
  }),
};

const lapsedJudge: Mutant = {
  name: 'a recovery that does not look at the lease of its judge',
  broker: 'the store as queue',
  foundAs: /nobody judges whose own lease has run out/,
  mutate: ({ upkeep }, table) => ({
    upkeep: {
      ...upkeep,
      recoverLost: (_judge, limit) => {
        const now = table.now();
        const info = { id: 'somebody', name: '', queues: {}, types: [] };
        table.leases.set(info.id, { info, startedAt: now, renewedAt: now, endsAt: new Date(now.getTime() + 1) });
        const moved = upkeep.recoverLost(info.id, limit);
        table.leases.delete(info.id);
        return moved;
      },
    },
  }),
};

const noRedispatch: Mutant = {
  name: 'a steward that hands nothing over again',
  broker: 'a broker apart',
  foundAs: /every task ends, but not \{"state":"queued"/,
  mutate: ({ ledger }) => ({ ledger: { ...ledger, redispatch: async () => [] } }),
};

const forgottenKey: Mutant = {
  name: 'an insert that does not look at idempotency keys',
  broker: 'the store as queue',
  foundAs: /one task for each request, and for each key/,
  mutate: ({ records }) => ({
    records: {
      ...records,
      insert: (tasks) => records.insert(tasks.map((task) => ({ ...task, idempotency: undefined }))),
    },
  }),
};

/** Every mutant. */
export const mutants: readonly Mutant[] = [
  unguardedClaim,
  unguardedSettle,
  forgottenCancel,
  uncountedLoss,
  hastyRecovery,
  lapsedJudge,
  noRedispatch,
  forgottenKey,
];
