import type { Standing, TaskFeed, TaskState } from '@navette/domain';
import { createReadChanges } from './feed-changes.ts';
import { createFeedPosition, writePosition } from './feed-position.ts';
import { createReadTasksWithLog, logSeqOfTask } from './read-tasks.ts';
import { inOrderOf, shareReads } from './shared-reads.ts';
import { statement } from './statement.ts';
import type { StoreParts } from './store-parts.ts';
import { type SummaryRow, summaryColumnsOf, summaryOfRow } from './task-row.ts';
import { isUuid } from './uuid.ts';

const standingsText = `
select t.id, t.state, t.version, ${logSeqOfTask} as log_seq
from $schema.tasks t where t.id = any($1::uuid[])`;

const summariesText = `select ${summaryColumnsOf('t')} from $schema.tasks t where t.id = any($1::uuid[])`;

interface StandingRow {
  readonly id: string;
  readonly state: TaskState;
  readonly version: number;
  readonly log_seq: number;
}

/** Makes the role `feed`. Nothing is written for it: what has changed is told by the rows' own transaction numbers. */
export function createTaskFeed(parts: StoreParts): TaskFeed {
  const { quick, quickMs, schema, group } = parts;
  const standings = statement(schema, 'standings', standingsText);
  const summaries = statement(schema, 'summaries', summariesText);
  const position = createFeedPosition(quick, schema);

  const readStandings = async (ids: readonly string[]): Promise<(Standing | undefined)[]> => {
    const rows = await quick.runTwice<StandingRow>(standings, [ids]);
    return inOrderOf(ids, rows, ({ state, version, log_seq: logSeq }) => ({ state, version, logSeq }));
  };
  const standing = shareReads(readStandings, (write) => group({ write, deadlineMs: quickMs }));
  const taskWithLog = shareReads(createReadTasksWithLog(quick, schema), (write) =>
    group({ write, deadlineMs: quickMs }),
  );

  return {
    standing: async (taskId) => (isUuid(taskId) ? standing(taskId) : undefined),
    taskWithLog: async (taskId) => (isUuid(taskId) ? taskWithLog(taskId) : undefined),
    summaries: async (taskIds) =>
      (await quick.runTwice<SummaryRow>(summaries, [taskIds.filter(isUuid)])).map(summaryOfRow),
    position: async () => writePosition(await position()),
    changes: createReadChanges(parts),
  };
}
