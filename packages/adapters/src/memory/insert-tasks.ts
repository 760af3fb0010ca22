import type { InsertOutcome, NewTask, Task, TaskInserts } from '@navette/domain';
import { whyUnstorable } from '../unstorable-task.ts';
import type { Table, UsedKey } from './table.ts';

/** Where new tasks go: a table, or a stage before it. */
export interface Place {
  task(taskId: string): Task | undefined;
  /** What a key stands for, unless it is free. */
  key(key: string): UsedKey | undefined;
  add(task: Task, key: { readonly name: string; readonly use: UsedKey } | undefined): void;
}

/** A place whose tasks are to be kept all or not at all. */
export interface Stage extends Place {
  /** Puts everything in the place behind it; what that was. @throws Error if a key has been taken there meanwhile */
  commit(): Task[];
  /** Forgets everything. Nothing more can be added, as after `commit`. */
  drop(): void;
}

/** A table as a place; a key older than `keepKeysMs` is free again. */
export function placeOf(table: Table, keepKeysMs: number): Place {
  return {
    task: (taskId) => table.rows.get(taskId)?.task,
    key: (name) => {
      const use = table.keys.get(name);
      return use && table.now().getTime() - use.usedAt.getTime() < keepKeysMs ? use : undefined;
    },
    add: (task, key) => {
      if (key) table.keys.set(key.name, key.use);
      table.add(task, key?.name);
    },
  };
}

/** Makes an empty stage before a place. */
export function stageBefore(place: Place): Stage {
  const tasks = new Map<string, Task>();
  const keys = new Map<string, UsedKey>();
  const entries: Parameters<Place['add']>[] = [];
  let ended = false;
  return {
    task: (taskId) => tasks.get(taskId) ?? place.task(taskId),
    key: (name) => keys.get(name) ?? place.key(name),
    add: (task, key) => {
      if (ended) throw new Error('the transaction has ended');
      tasks.set(task.id, task);
      if (key) keys.set(key.name, key.use);
      entries.push([task, key]);
    },
    commit: () => {
      ended = true;
      for (const name of keys.keys()) if (place.key(name)) throw new Error(`the key ${name} was taken meanwhile`);
      for (const entry of entries) place.add(...entry);
      return [...tasks.values()];
    },
    drop: () => {
      ended = true;
    },
  };
}

/** Makes the inserts of a place. */
export function createInserts(place: Place, now: () => Date): TaskInserts {
  return {
    insert: async (tasks) => tasks.map((task) => insertOne(place, task, now())),
    insertAll: async (tasks) => {
      const stage = stageBefore(place);
      const outcomes = tasks.map((task) => insertOne(stage, task, now()));
      if (!outcomes.some(isRefusal)) {
        stage.commit();
        return outcomes;
      }
      return outcomes.map((outcome) => (isRefusal(outcome) ? outcome : { kind: 'withheld' }));
    },
  };
}

function isRefusal({ kind }: InsertOutcome): boolean {
  return kind === 'refused' || kind === 'keyReused';
}

function insertOne(place: Place, task: NewTask, now: Date): InsertOutcome {
  const detail = whyUnstorable(task);
  if (detail) return { kind: 'refused', detail };
  const known = place.task(task.id);
  if (known) return { kind: 'inserted', task: structuredClone(known) };
  const { idempotency } = task;
  const name = idempotency && JSON.stringify([idempotency.scope, idempotency.key]);
  const used = name === undefined ? undefined : place.key(name);
  const winner = used && place.task(used.taskId);
  if (used && winner) {
    if (used.fingerprint !== idempotency?.fingerprint) return { kind: 'keyReused', taskId: used.taskId };
    return { kind: 'replayed', task: structuredClone(winner) };
  }
  const record = recordOf(task, now);
  const use = idempotency && { fingerprint: idempotency.fingerprint, taskId: task.id, usedAt: now };
  place.add(record, name !== undefined && use ? { name, use } : undefined);
  return { kind: 'inserted', task: structuredClone(record) };
}

function recordOf(task: NewTask, now: Date): Task {
  const dueAt = task.runAt ?? new Date(now.getTime() + (task.delayMs ?? 0));
  const waits = dueAt.getTime() > now.getTime();
  return {
    id: task.id,
    type: task.type,
    queue: task.queue,
    state: waits ? 'scheduled' : 'queued',
    priority: task.priority,
    // Through text, as a database keeps it: later changes of what was passed in do not arrive here.
    payload: JSON.parse(JSON.stringify(task.payload)),
    result: null,
    error: null,
    progress: null,
    attempt: 0,
    spent: 0,
    retry: structuredClone(task.retry),
    timeoutMs: task.timeoutMs,
    tags: [...task.tags],
    submittedAt: now,
    runAt: waits ? new Date(dueAt) : null,
    startedAt: null,
    finishedAt: null,
    expiresAt: task.expiresAt ? new Date(task.expiresAt) : null,
    cancellation: null,
    dispatch: 1,
    version: 1,
  };
}
