import { InvalidQueryError, matchesFilter, type TaskFeed, type TaskSummary } from '@navette/domain';
import { readCursor, writeCursor } from './cursor.ts';
import type { Row, Table } from './table.ts';
import { withAttempts } from './task-records.ts';

/** Makes the role `feed` over a table: each change of it has a number. */
export function createTaskFeed(table: Table): TaskFeed {
  return {
    standing: async (taskId) => {
      const row = table.rows.get(taskId);
      return row && { state: row.task.state, version: row.task.version, logSeq: logSeqOf(row) };
    },
    taskWithLog: async (taskId) => {
      const row = table.rows.get(taskId);
      return row && { task: withAttempts(table, row), logSeq: logSeqOf(row) };
    },
    summaries: async (taskIds) =>
      taskIds.flatMap((taskId) => {
        const row = table.rows.get(taskId);
        return row ? [summaryOf(row)] : [];
      }),
    position: async () => `c${table.changes}`,
    changes: async (after, filter, limit, cursor = null) => {
      const [start] = cursor === null ? [readPosition(after)] : readCursor('changes', cursor, [0]);
      const changed = [...table.rows.values()]
        .filter((row) => row.changedAs > start && matchesFilter(row.task, filter))
        .sort((a, b) => a.changedAs - b.changedAs);
      const page = changed.slice(0, limit);
      const last = changed.length > limit ? page.at(-1) : undefined;
      return { tasks: page.map(summaryOf), next: last ? writeCursor('changes', [last.changedAs]) : null };
    },
  };
}

function logSeqOf({ log }: Row): number {
  return log.at(-1)?.seq ?? 0;
}

function readPosition(position: string): number {
  const [, changes] = /^c(\d{1,15})$/.exec(position) ?? [];
  if (changes === undefined) throw new InvalidQueryError('after', 'is not one that this store made');
  return Number(changes);
}

function summaryOf({ task }: Row): TaskSummary {
  const { payload: _payload, result: _result, ...summary } = task;
  return structuredClone(summary);
}
