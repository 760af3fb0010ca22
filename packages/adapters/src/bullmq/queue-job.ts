import { type Dispatch, priorityRank } from '@navette/domain';
import { formatUuid } from '../system/uuid-v7.ts';

/** What BullMQ holds of a hand-over. People read it on the board; the driver itself goes by the job's id. */
export interface QueueJob {
  readonly name: 'task';
  readonly data: { readonly taskId: string; readonly dispatch: number };
  readonly opts: { readonly jobId: string; readonly priority: number; readonly attempts: 1 };
}

/**
 * The job of a hand-over. Handing the same one over again adds nothing, so one whose reply was lost may be stored late.
 * Every job has a priority: BullMQ runs 1 before 5, and a job without one before all.
 */
export function queueJobOf(handOver: Dispatch): QueueJob {
  const { taskId, dispatch, priority } = handOver;
  return {
    name: 'task',
    data: { taskId, dispatch },
    opts: { jobId: jobIdOf(handOver), priority: priorityRank(priority) + 1, attempts: 1 },
  };
}

/**
 * `<task>.<dispatch>`, the id of the task in base64url. Redis holds a small hash whose values have at most 64 bytes in
 * one piece, which takes half the memory; BullMQ writes the id into the value that holds the job's options, and with a
 * UUID as it is spelled that would be longer.
 */
export function jobIdOf({ taskId, dispatch }: Pick<Dispatch, 'taskId' | 'dispatch'>): string {
  return `${Buffer.from(taskId.replaceAll('-', ''), 'hex').toString('base64url')}.${dispatch}`;
}

/** The hand-over that a job id names; `undefined` for a job that Navette did not add. */
export function handOverOf(jobId: string | undefined): Pick<Dispatch, 'taskId' | 'dispatch'> | undefined {
  const match = /^([\w-]{22})\.([1-9]\d*)$/.exec(jobId ?? '');
  return match ? { taskId: formatUuid(Buffer.from(match[1]!, 'base64url')), dispatch: Number(match[2]) } : undefined;
}
