import type { components, paths } from './api.generated.ts';

type Schemas = components['schemas'];
type SearchQuery = NonNullable<paths['/tasks']['get']['parameters']['query']>;

/** One task, with its attempts, oldest first. Moments are ISO 8601. */
export type Task = Schemas['Task'];
/** A task in a list: without attempts; payload and result only where they were asked for. */
export type TaskItem = Schemas['TaskItem'];
/** The state of a task. */
export type TaskState = Task['state'];
/** One run of a task's handler. */
export type Attempt = Schemas['Attempt'];
/** One line that a handler wrote. */
export type LogLine = Schemas['LogLine'];
/** Something that happened to a task. `id` is where to go on after a break; the events made by asking have none. */
export type TaskEvent =
  | { readonly event: 'state'; readonly id?: string; readonly data: Task }
  | { readonly event: 'progress'; readonly id?: string; readonly data: unknown }
  | { readonly event: 'log'; readonly id?: string; readonly data: LogLine };
/** Something that happened to one of many tasks. After a break some come twice, with the same `version`. */
export type AnyTaskEvent =
  | { readonly event: 'state'; readonly id?: string; readonly data: TaskItem }
  | {
      readonly event: 'progress';
      readonly id?: string;
      readonly data: { readonly taskId: string; readonly progress: unknown; readonly version: number };
    };
/** A known task type, with its defaults and the JSON Schema of its payload. */
export type TaskType = Schemas['TaskType'];
/** A queue, with its tasks counted by state. */
export type Queue = Schemas['Queue'];
/** A refusal, as the server tells it (RFC 9457). */
export type Problem = Schemas['Problem'];
/** A field of a request that is wrong. */
export type BadField = NonNullable<Problem['errors']>[number];

/** What is submitted. `runAt` and `expiresAt` may be a `Date` too. */
export type Submission = Omit<Schemas['Submission'], 'runAt' | 'expiresAt'> & {
  runAt?: string | Date;
  expiresAt?: string | Date;
};

/** What became of one submission of many: the task, or why there is none. `index`: its place among them, from 0. */
export type BulkItem =
  | { readonly index: number; readonly task: TaskItem; readonly problem?: never }
  | { readonly index: number; readonly problem: Problem; readonly task?: never };

/** What became of many submissions. */
export interface BulkResult {
  readonly accepted: number;
  readonly rejected: number;
  readonly items: BulkItem[];
}

/** A submission as it is sent: JSON writes a `Date` as ISO 8601. */
export type SentSubmission = Schemas['Submission'];

/** What a mass action does, and to which tasks. */
export type OperationRequest = Omit<Schemas['OperationRequest'], 'filter' | 'dryRun'> & {
  filter: TaskFilter;
  /** Starting the same again with the same key gives the same operation. */
  idempotencyKey?: string;
};
/** What a mass action would do. */
export type OperationPreview = Schemas['OperationPreview'];
/** A mass action. It survives a restart of the server. */
export type Operation = Schemas['Operation'];

/** One page of something, and where the next one starts; `null` at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

type Moments = 'submittedAfter' | 'submittedBefore' | 'finishedAfter' | 'finishedBefore';

/** Which tasks: several filters narrow, several states widen. `…After` is inclusive, `…Before` exclusive. */
export type TaskFilter = Pick<SearchQuery, 'state' | 'type' | 'queue' | 'tag' | 'errorCode'> & {
  [moment in Moments]?: string | Date;
};

/** What of the tasks in a list to include, and which page. */
export type ListOptions = Pick<SearchQuery, 'limit' | 'cursor'> & { include?: readonly ('payload' | 'result')[] };

const terminalStates: readonly TaskState[] = ['completed', 'failed', 'cancelled', 'expired'];

/** Whether a task in this state is over, until someone asks for a retry. */
export function isTerminal(state: TaskState): boolean {
  return terminalStates.includes(state);
}
