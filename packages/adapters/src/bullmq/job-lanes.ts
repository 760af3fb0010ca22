import type { System } from '@navette/domain';
import { Job, type Worker } from 'bullmq';

/** What lanes need. */
export interface JobLanesDeps {
  /** A BullMQ worker that runs nothing by itself. */
  readonly worker: Worker;
  /** How many jobs may be fetched and not over. */
  readonly concurrency: number;
  /** How long Redis keeps a fetched job for its worker without hearing of it, ms. */
  readonly lockMs: number;
  readonly system: Pick<System, 'after'>;
  /** Sees to a job, until its lane is free. */
  readonly deliver: DeliverJob;
  readonly onError: (error: unknown) => void;
}

/**
 * Sees to a fetched job, which is locked by the token. Never rejects. Where the job is over `later`, `onOver` is called
 * then.
 */
export type DeliverJob = (job: Job, token: string, onOver: () => void) => Promise<JobFate>;

/** What became of a job: it was `moved` to where it is fetched again, or can be removed from Redis, now or `later`. */
export type JobFate = 'moved' | 'over' | 'later';

/** Lanes that fetch jobs and have them seen to, as many at once as there is room for. */
export interface JobLanes {
  /** Stops fetching; what was fetched goes on. */
  hold(): void;
  resume(): void;
  /** Stops fetching for good. Resolves when no fetch is under way and nothing that was fetched is left to be ended. */
  close(): Promise<void>;
}

/** After an error Redis is left alone for so long, ms. */
const restMs = 1_000;
/** So long (ms) a job that is over waits for a lane that fetches the next one in the same command. */
const endWithinMs = 20;
/**
 * BullMQ's wait comes back empty at once where another was faster, and again and again while somebody limits the queue's
 * rate: after so many times within so long each, ms, it is given a pause.
 */
const quick = { ms: 5, looks: 3, pauseMs: 20 };

/**
 * Starts lanes. Each fetches a job and has it seen to, and when its lane is free, fetches the next, if possible in one
 * command with the end of a job that is over: its own, or one whose result has been stored meanwhile. BullMQ's own loop
 * has a job's end and the next fetch follow its result, does the first fetches one after the other, and makes a dozen
 * promises and a lock for each job. Here all jobs of a worker have one lock, so that what many lanes say in one turn of
 * the event loop is short.
 *
 * The last lane that finds nothing waits for a sign of Redis. Where a job is found two more lanes look, so that a burst
 * has as many as there is room for after a few turns.
 *
 * @see https://docs.bullmq.io/patterns/manually-fetching-jobs
 */
export function startJobLanes({ worker, concurrency, lockMs, system, deliver, onError }: JobLanesDeps): JobLanes {
  const token = worker.id;
  /** Fetched jobs, and since when they are locked, on the clock of `performance.now()`. */
  const locked = new Map<Job, number>();
  /** Those that are over and still to be ended. */
  let over: Job[] = [];
  let lanes = 0;
  let held = false;
  let closed = false;
  let waiting = false;
  let resting = false;
  let endsScheduled = false;
  let onIdle = () => {};
  let cancelRenewal = () => {};

  const mayFetch = () => !held && !closed;
  const pause = (ms: number) => new Promise<void>((resolve) => void system.after(ms, resolve));

  const openLane = () => {
    if (lanes >= concurrency || !mayFetch()) return;
    lanes++;
    void runLane().finally(() => {
      lanes--;
      // The one that waited may have found a job while this lane, which left the wait to it, was still counted.
      if (!waiting && !resting) openLane();
      tellWhenIdle();
    });
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
        await pause(restMs);
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
      if (quickLooks > quick.looks) await pause(quick.pauseMs);
    }
  };

  const nextAfter = async (job: Job): Promise<Job | undefined> => {
    if (closed) {
      await job.moveToWait(token);
      return;
    }
    locked.set(job, performance.now());
    const fate = await deliver(job, token, () => endSoon(job));
    if (fate === 'moved') forget(job);
    else if (fate === 'over') endSoon(job);
    if (!mayFetch()) return;
    const ended = over.pop();
    const next = ended ? await end(ended, true) : 'unknown';
    if (next !== 'none' && next !== 'unknown') return next;
    if (mayFetch()) return next === 'none' ? waitForJob() : fetch();
  };

  const endSoon = (job: Job) => {
    over.push(job);
    if (closed) endAll();
    else if (!endsScheduled) {
      endsScheduled = true;
      system.after(endWithinMs, endAll);
    }
  };

  /** Ends what no lane has ended. */
  const endAll = () => {
    endsScheduled = false;
    const jobs = over;
    over = [];
    for (const job of jobs) void end(job, false).catch(onError);
  };

  /** Removes a job; what Redis tells of the next in the same answer. */
  const end = async (job: Job, fetchNext: boolean): Promise<Job | 'none' | 'unknown'> => {
    try {
      const [data, id] = (await job.moveToCompleted(null, token, fetchNext)) || [];
      if (data) return Job.fromJSON(worker, data, id);
      return fetchNext ? 'none' : 'unknown';
    } catch (error) {
      // It was handed over again, or Redis has lost it: whoever has it now learns from its claim what it is worth.
      if (isAboutJob(error)) return 'unknown';
      throw error;
    } finally {
      forget(job);
    }
  };

  const forget = (job: Job) => {
    locked.delete(job);
    tellWhenIdle();
  };

  /** The wait itself is not waited for. */
  const tellWhenIdle = () => {
    if (closed && locked.size === 0 && lanes <= (waiting ? 1 : 0)) onIdle();
  };

  /** Until it is ended a job stays locked; one that is over soon is not spoken of. */
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
      endAll();
      return new Promise((resolve) => {
        onIdle = resolve;
        tellWhenIdle();
      });
    },
  };
}

/** Whether BullMQ refused what it was asked to do with a job, for the state that the job is in. */
function isAboutJob(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code < 0;
}
