import type {
  CancellationOutcome,
  Json,
  Operation,
  OperationAction,
  OperationState,
  RetryPolicy,
  TaskState,
} from '@navette/domain';
import type { ColumnType, Generated } from 'kysely';
import type { FilterJson } from './operation-filter.ts';

// JSON is written as text, so that it is kept as sent, and read as values.
type JsonColumn<T> = ColumnType<T, string, string>;

/** The tables of Navette's schema, for Kysely; migrations/ says what each is for. */
export interface Database {
  tasks: TasksTable;
  attempts: AttemptsTable;
  idempotency_keys: IdempotencyKeysTable;
  queues: QueuesTable;
  task_logs: TaskLogsTable;
  workers: WorkersTable;
  broker_marks: BrokerMarksTable;
  tallies: TalliesTable;
  operations: OperationsTable;
  tally_marks: TallyMarksTable;
}

/** One row per task, with the attempt that runs, or has completed it. */
export interface TasksTable {
  id: string;
  type: string;
  queue: string;
  state: TaskState;
  priority: number;
  ready_seq: Generated<string>;
  payload: JsonColumn<Json>;
  result: JsonColumn<Json>;
  progress: JsonColumn<Json>;
  error_code: string | null;
  error_message: string | null;
  attempt: Generated<number>;
  spent: Generated<number>;
  max_attempts: number;
  backoff: JsonColumn<RetryPolicy['backoff']>;
  timeout_ms: number;
  tags: string[];
  submitted_at: Date;
  run_at: Date | null;
  queued_at: Date | null;
  started_at: Date | null;
  finished_at: Date | null;
  expires_at: Date | null;
  worker: string | null;
  dispatch: Generated<number>;
  dispatched_at: Date;
  confirmed: Generated<boolean>;
  cancel_requested_at: Date | null;
  cancel_outcome: CancellationOutcome;
  version: Generated<number>;
}

/** One row per attempt that has ended, but for the one that a task's row tells; the view `attempt_history` has all. */
export interface AttemptsTable {
  task_id: string;
  number: number;
  outcome: string;
  worker: string;
  started_at: Date;
  finished_at: Date;
  error_code: string | null;
  error_message: string | null;
}

/** Which task an idempotency key stands for. */
export interface IdempotencyKeysTable {
  scope: string;
  key: string;
  task_id: string;
  fingerprint: string;
  created_at: Date;
}

/** What is known of a queue beside its tasks. */
export interface QueuesTable {
  name: string;
  paused: boolean;
}

/** What handlers wrote. */
export interface TaskLogsTable {
  task_id: string;
  seq: number;
  attempt: number;
  at: Date;
  message: string;
}

/** One row per worker: its lease, and after that its name for as long as attempts may tell it. */
export interface WorkersTable {
  id: string;
  name: string;
  queues: JsonColumn<Record<string, number>>;
  types: string[];
  started_at: Date;
  renewed_at: Date;
  lease_until: Date;
}

/** One row per mass action: what it does, and how far it has come. */
export interface OperationsTable {
  id: string;
  action: OperationAction;
  filter: ColumnType<FilterJson, string, string>;
  state: OperationState;
  total: string;
  done: Generated<string>;
  failed: Generated<string>;
  failures: ColumnType<Operation['failures'], string | undefined, string>;
  per_second: number;
  reached_at: Date | null;
  reached_id: string | null;
  paced_at: Date;
  created_at: Date;
  finished_at: Date | null;
  key_scope: string | null;
  key: string | null;
  fingerprint: string | null;
}

/** What has ended, counted: of each queue and state several parts of a sum. */
export interface TalliesTable {
  queue: string;
  state: TaskState;
  tasks: string;
}

/** One row: up to which moment it is counted. */
export interface TallyMarksTable {
  id: number;
  ended_until: Date;
  checked_at: Date;
}

/** One row: which life of the broker the store knows. */
export interface BrokerMarksTable {
  id: number;
  epoch: string | null;
  checking_epoch: string | null;
  checking_cursor: string | null;
}
