import type { System } from '@navette/domain';
import { Job, type Worker } from 'bullmq';
import { createTally } from './tally.ts';

/** What lanes need. */
export interface JobLanesDeps {
  /** A BullMQ worker that runs nothing by itself. */
  readonly worker: Worker;
  /** How many jobs may be fetched and not over. */
  readonly concurrency: number;
  /** How long Redis keeps a fetched job for its worker without hearing of it, ms. */
  readonly lockMs: number;
  readonly system: Pick<System, 'after'>;
  /** Sees to a job, which is locked by the token; tells what became of it. Never rejects. */
  readonly deliver: (job: Job, token: string) => Promise<JobFate>;
  readonly onError: (error: unknown) => void;
}

/** What became of a job: it is `over`, and can be removed, or it was `moved` to where it is fetched again. */
export type JobFate = 'over' | 'moved';

/** Lanes that fetch jobs and have them seen to, as many at once as there is room for. */
export interface JobLanes {
  /** Stops fetching; what was fetched goes on. */
  hold(): void;
  resume(): void;
  /** Stops fetching for good. Resolves when nothing that was fetched is under way. */
  close(): Promise<void>;
}

/** After an error Redis is left alone for so long, ms. */
const restMs = 1_000;
/** BullMQ's wait comes back empty within that time, ms, at most so often, unless somebody limits the queue's rate. */
const quick = { ms: 5, looks: 3 };

/**
 * Starts lanes. Each fetches a job, has it seen to, and then ends it and fetches the next in one command. BullMQ's own
 * loop does the same, one first fetch after the other, with a dozen promises and a lock of its own for each job. Here
 * all jobs of a worker have one lock, so that what many lanes say in one turn of the event loop is short.
 *
 * The last lane that finds nothing waits for a sign of Redis. Where a job is found two more lanes look, so that a burst
 * has as many as there is room for after a few turns.
 *
 * @see https://docs.bullmq.io/patterns/manually-fetching-jobs
 */
export function startJobLanes({ worker, concurrency, lockMs, system, deliver, onError }: JobLanesDeps): JobLanes {
  const token = worker.id;
  const underWay = createTally();
  /** Fetched jobs, and since when they are locked, on the clock of `performance.now()`. */
  const locked = new Map<Job, number>();
  let lanes = 0;
  let held = false;
  let closed = false;
  let waiting = false;
  let resting = false;
  let cancelRenewal = () => {};

  const mayFetch = () => !held && !closed;

  const openLane = () => {
    if (lanes >= concurrency || !mayFetch()) return;
    lanes++;
    void runLane().finally(() => lanes--);
  };

  const runLane = async () => {
    while (mayFetch()) {
      try {
        for (let job = await fetch(); job; job = await nextAfter(job)) {
          if (waiting) continue;
          openLane();
          openLane();
        }
        return;
      } catch (error) {
        if (resting || closed) return;
        resting = true;
        onError(error);
        await new Promise<void>((resolve) => void system.after(restMs, resolve));
        resting = false;
      }
    }
  };

  const fetch = async (): Promise<Job | undefined> =>
    (await worker.getNextJob(token, { block: false })) ?? (await waitForJob());

  /** One lane waits, and has the next job as soon as there is one; the others are not needed any more. */
  const waitForJob = async (): Promise<Job | undefined> => {
    if (waiting) return;
    waiting = true;
    try {
      return await jobInTime();
    } finally {
      waiting = false;
    }
  };

  const jobInTime = async (): Promise<Job | undefined> => {
    for (let quickLooks = 0; mayFetch(); ) {
      const askedAt = performance.now();
      const job = await worker.getNextJob(token);
      if (job) return job;
      quickLooks = performance.now() - askedAt < quick.ms ? quickLooks + 1 : 0;
      if (quickLooks > quick.looks) await new Promise<void>((resolve) => void system.after(restMs, resolve));
    }
  };

  const nextAfter = async (job: Job): Promise<Job | undefined> => {
    const next = await seeTo(job);
    if (next !== 'none' && next !== 'unknown') return next;
    if (mayFetch()) return next === 'none' ? waitForJob() : fetch();
  };

  /** Has a job seen to and ends it; what Redis tells of the next in the same answer. */
  const seeTo = async (job: Job): Promise<Job | 'none' | 'unknown'> => {
    underWay.enter();
    locked.set(job, performance.now());
    try {
      const fate = await deliver(job, token);
      locked.delete(job);
      return fate === 'over' ? await end(job) : 'unknown';
    } finally {
      underWay.leave();
    }
  };

  const end = async (job: Job): Promise<Job | 'none' | 'unknown'> => {
    const fetchNext = mayFetch();
    try {
      const [data, id] = (await job.moveToCompleted(null, token, fetchNext)) || [];
      if (data) return Job.fromJSON(worker, data, id);
      return fetchNext ? 'none' : 'unknown';
    } catch (error) {
      // It was handed over again, or Redis has lost it: whoever has it now learns from its claim what it is worth.
      if (isAboutJob(error)) return 'unknown';
      throw error;
    }
  };

  /** As long as its handler runs a job stays locked; one that is over soon is not spoken of. */
  const renewLocks = async () => {
    const now = performance.now();
    const due = [...locked].filter(([, since]) => now - since >= lockMs / 4).map(([job]) => job);
    for (const job of due) locked.set(job, now);
    try {
      const ids = due.map(({ id }) => id as string);
      // Those that are not this worker's any more are of no account: the claim decides.
      if (ids.length > 0) await worker.extendJobLocks(ids, Array(ids.length).fill(token), lockMs);
    } catch (error) {
      if (!closed) onError(error);
    }
    renewLater();
  };

  const renewLater = () => {
    if (!closed) cancelRenewal = system.after(lockMs / 4, () => void renewLocks());
  };

  renewLater();
  openLane();
  return {
    hold: () => {
      held = true;
    },
    resume: () => {
      held = false;
      openLane();
    },
    close: () => {
      closed = true;
      cancelRenewal();
      return underWay.idle();
    },
  };
}

/** Whether BullMQ refused what it was asked to do with a job, for the state that the job is in. */
function isAboutJob(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code < 0;
}
