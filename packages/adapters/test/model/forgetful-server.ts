import { type BrokerAudit, BrokerUnavailableError, type Dispatch, priorityRank, type System } from '@navette/domain';

/** How a server takes what is handed over to it. */
export const serverMoods = ['well', 'refusing', 'losing', 'late'] as const;

/**
 * How a server takes what is handed over to it: `refusing` answers nothing at all, `losing` says yes and keeps nothing,
 * `late` keeps it and says so only after the caller has given up.
 */
export type ServerMood = (typeof serverMoods)[number];

/** A job in a worker's hands; the token tells this delivery from every other one of the job. */
export interface Delivered {
  readonly jobId: string;
  readonly dispatch: Dispatch;
  readonly token: number;
}

/**
 * What stands for Redis with BullMQ on it: jobs `<taskId>.<dispatch>`, delivered at least once. A job id is known for as
 * long as the server remembers anything, so that adding it again adds nothing even after the job is over.
 */
export interface ForgetfulServer extends BrokerAudit {
  mood: ServerMood;
  add(dispatches: readonly Dispatch[]): void;
  setPaused(queue: string, paused: boolean): void;
  /** The job of the queue that is next; it is the taker's until its lock ends or it is put down. */
  take(queue: string): Delivered | undefined;
  /** Renews the locks of those that are still the caller's. */
  renew(held: Iterable<Delivered>): void;
  /** The job is over. */
  finish(delivered: Delivered): void;
  /** Puts the job away for that long, ms; then it goes behind its level. */
  park(delivered: Delivered, delayMs: number): void;
  /** Calls back whenever the queue may have something to take; the answer ends it. */
  onReady(queue: string, callback: () => void): () => void;
  /** A fault: everything is gone. */
  wipe(): void;
  /** A fault: what was added during the last second is gone. */
  failOver(): void;
  /** A fault: one job is gone, and nothing shows it. */
  evict(pick: number): void;
  /** A fault: takes a job from whoever has it, as if it had stalled, and delivers it again. */
  redeliver(pick: number): void;
  /** A fault: one that waits goes before all others of its level. */
  reorder(pick: number): void;
}

interface Job {
  readonly id: string;
  readonly dispatch: Dispatch;
  readonly addedAt: number;
  place: number;
  dueAt: number;
  token: number;
  lockedUntil: number;
}

const lockMs = 15_000;
const lostAtFailOverMs = 1_000;

/** Makes a server that holds nothing. */
export function createForgetfulServer(clock: Pick<System, 'monotonicMs' | 'after' | 'random'>): ForgetfulServer {
  const jobs = new Map<string, Job>();
  const over = new Set<string>();
  const pausedQueues = new Set<string>();
  let listeners: { readonly queue: string; readonly callback: () => void }[] = [];
  let mood: ServerMood = 'well';
  let epoch = 1;
  let lastPlace = 0;
  let firstPlace = 0;
  let lastToken = 0;

  const answering = () => {
    if (mood === 'refusing') throw new BrokerUnavailableError('the server does not answer');
    return clock.monotonicMs();
  };
  /** Nobody comes first every time: who does not know a job's type must not be the only one who is asked. */
  const ready = (queue: string) => {
    listeners.push(...listeners.splice(0, Math.floor(clock.random() * listeners.length)));
    for (const listener of listeners) if (listener.queue === queue) listener.callback();
  };
  const own = ({ jobId, token }: Delivered) => {
    const job = jobs.get(jobId);
    return job?.token === token ? job : undefined;
  };
  const isTaken = (job: Job) => job.lockedUntil > clock.monotonicMs();
  const byTurn = (a: Job, b: Job) =>
    priorityRank(a.dispatch.priority) - priorityRank(b.dispatch.priority) || a.place - b.place;
  const pickOf = (fits: (job: Job) => boolean, pick: number) => {
    const fitting = [...jobs.values()].filter(fits);
    return fitting[pick % fitting.length];
  };

  return {
    get mood() {
      return mood;
    },
    set mood(value) {
      mood = value;
    },
    add: (dispatches) => {
      const addedAt = answering();
      for (const dispatch of mood === 'losing' ? [] : dispatches) {
        const id = `${dispatch.taskId}.${dispatch.dispatch}`;
        if (jobs.has(id) || over.has(id)) continue;
        jobs.set(id, { id, dispatch, addedAt, place: ++lastPlace, dueAt: addedAt, token: 0, lockedUntil: 0 });
        ready(dispatch.queue);
      }
      if (mood === 'late') throw new BrokerUnavailableError('the answer came after the deadline');
    },
    setPaused: (queue, paused) => {
      answering();
      pausedQueues[paused ? 'add' : 'delete'](queue);
      ready(queue);
    },
    take: (queue) => {
      const now = answering();
      if (pausedQueues.has(queue)) return undefined;
      const free = [...jobs.values()].filter(
        (job) => job.dispatch.queue === queue && job.dueAt <= now && !isTaken(job),
      );
      const [job] = free.sort(byTurn);
      if (!job) return undefined;
      job.token = ++lastToken;
      job.lockedUntil = now + lockMs;
      return { jobId: job.id, dispatch: job.dispatch, token: job.token };
    },
    renew: (held) => {
      const now = answering();
      for (const delivered of held) {
        const job = own(delivered);
        if (job && isTaken(job)) job.lockedUntil = now + lockMs;
      }
    },
    finish: (delivered) => {
      answering();
      if (!own(delivered)) return;
      jobs.delete(delivered.jobId);
      over.add(delivered.jobId);
    },
    park: (delivered, delayMs) => {
      const now = answering();
      const job = own(delivered);
      if (!job) return;
      Object.assign(job, { place: ++lastPlace, dueAt: now + delayMs, token: 0, lockedUntil: 0 });
      clock.after(delayMs, () => ready(job.dispatch.queue));
    },
    onReady: (queue, callback) => {
      const listener = { queue, callback };
      listeners.push(listener);
      return () => {
        listeners = listeners.filter((other) => other !== listener);
      };
    },
    missing: async (dispatches) => {
      answering();
      return dispatches.filter(({ taskId, dispatch }) => !jobs.has(`${taskId}.${dispatch}`));
    },
    epoch: async () => {
      answering();
      return `life ${epoch}`;
    },
    wipe: () => {
      jobs.clear();
      over.clear();
      pausedQueues.clear();
      epoch++;
    },
    failOver: () => {
      const kept = clock.monotonicMs() - lostAtFailOverMs;
      for (const job of jobs.values()) if (job.addedAt > kept) jobs.delete(job.id);
      epoch++;
    },
    evict: (pick) => {
      const job = pickOf(() => true, pick);
      if (job) jobs.delete(job.id);
    },
    redeliver: (pick) => {
      const job = pickOf(isTaken, pick);
      if (!job) return;
      job.lockedUntil = 0;
      ready(job.dispatch.queue);
    },
    reorder: (pick) => {
      const job = pickOf((one) => !isTaken(one), pick);
      if (job) job.place = --firstPlace;
    },
  };
}
