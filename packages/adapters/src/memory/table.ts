import {
  type Attempt,
  type BrokerMark,
  canMove,
  type Dispatch,
  type IdempotencyClaim,
  isTerminal,
  type LogLine,
  type Operation,
  priorityRank,
  type System,
  type Task,
  type TaskState,
  type WorkerInfo,
} from '@navette/domain';

/** Everything that is kept of one task. */
export interface Row {
  /** Never handed out itself; replaced, not altered, and only by {@link Table.change}. */
  task: Task;
  /** Oldest first. */
  attempts: KeptAttempt[];
  log: LogLine[];
  /** Orders the queued tasks of one priority; renewed at each entry into `queued`. */
  readySeq: number;
  /** When it last entered `queued`. */
  queuedAt: Date | null;
  /** When its present dispatch number was given. */
  dispatchedAt: Date;
  /** Whether the broker is known to have that dispatch. */
  confirmed: boolean;
  /** Which change of the table its latest one was. */
  changedAs: number;
  /** Where its idempotency key stands in {@link Table.keys}. */
  readonly key: string | undefined;
}

/** An attempt as it is kept: the name of its worker stands with the lease. */
export type KeptAttempt = Omit<Attempt, 'workerName'>;

/** A worker's lease; kept after its end, for the worker's name. */
export interface Lease {
  readonly info: WorkerInfo;
  readonly startedAt: Date;
  readonly renewedAt: Date;
  readonly endsAt: Date;
}

/** An idempotency key in use. */
export interface UsedKey {
  readonly fingerprint: string;
  readonly taskId: string;
  readonly usedAt: Date;
}

/** Everything that is kept of one mass action. */
export interface OperationRow {
  operation: Operation;
  readonly idempotency: IdempotencyClaim | undefined;
  /** Where in the order of submission it has come; `undefined` at its start. */
  place: readonly [submittedMs: number, id: string] | undefined;
  /** Up to when its pace has been used, ms since the epoch. */
  pacedMs: number;
}

/** What the roles of the store share. Each call of a role runs without a break, so each is atomic. */
export interface Table {
  readonly rows: Map<string, Row>;
  readonly keys: Map<string, UsedKey>;
  readonly leases: Map<string, Lease>;
  readonly paused: Set<string>;
  readonly operations: Map<string, OperationRow>;
  mark: BrokerMark;
  /** How many changes there have been. */
  readonly changes: number;
  now(): Date;
  /** Adds a row for a task. */
  add(task: Task, key: string | undefined): Row;
  /**
   * Changes a task, and with it all that follows from the change: version, end, place in the queue, hand-over.
   * @throws Error for a move that is not legal: a mistake of the store itself.
   */
  change(row: Row, changes: Partial<Task>): void;
}

/** Makes an empty table. */
export function createTable(system: Pick<System, 'now'>): Table {
  const rows: Table['rows'] = new Map();
  let lastReadySeq = 0;
  let changes = 0;

  const enterQueue = (row: Row, now: Date) => {
    row.readySeq = ++lastReadySeq;
    row.queuedAt = now;
  };

  const stampDispatch = (row: Row, now: Date) => {
    row.dispatchedAt = now;
    row.confirmed = false;
  };

  return {
    rows,
    keys: new Map(),
    leases: new Map(),
    paused: new Set(),
    operations: new Map(),
    mark: { epoch: null, checking: null },
    get changes() {
      return changes;
    },
    now: () => system.now(),
    add: (task, key) => {
      const now = task.submittedAt;
      const row: Row = {
        task,
        attempts: [],
        log: [],
        readySeq: 0,
        queuedAt: null,
        dispatchedAt: now,
        confirmed: false,
        changedAs: ++changes,
        key,
      };
      if (task.state === 'queued') enterQueue(row, now);
      rows.set(task.id, row);
      return row;
    },
    change: (row, changed) => {
      const { task } = row;
      const now = system.now();
      if (changed.state) assertLegal(task, changed.state);
      const finishedAt = changed.state && isTerminal(changed.state) ? now : task.finishedAt;
      row.task = { ...task, finishedAt, ...changed, version: task.version + 1 };
      row.changedAs = ++changes;
      if (changed.state === 'queued') enterQueue(row, now);
      if (changed.state === 'queued' || changed.dispatch !== undefined) stampDispatch(row, now);
    },
  };
}

function assertLegal(task: Task, to: TaskState): void {
  if (!canMove(task.state, to)) throw new Error(`task ${task.id} cannot move from ${task.state} to ${to}`);
}

/** A copy of the task that shares nothing with the store. */
export function copyOf(row: Row): Task {
  return structuredClone(row.task);
}

/** The present hand-over of a row. */
export function dispatchOf({ task }: Row): Dispatch {
  return { taskId: task.id, dispatch: task.dispatch, queue: task.queue, priority: task.priority };
}

/** The order in which queued tasks run: by priority, then by entry. */
export function byTurn(a: Row, b: Row): number {
  return priorityRank(a.task.priority) - priorityRank(b.task.priority) || a.readySeq - b.readySeq;
}

/** The rows in one of these states. */
export function rowsIn(table: Table, ...states: TaskState[]): Row[] {
  return [...table.rows.values()].filter((row) => states.includes(row.task.state));
}

/** Whether a moment has come; `null` never comes. */
export function isPast(moment: Date | null, now: Date): boolean {
  return moment !== null && moment.getTime() <= now.getTime();
}
