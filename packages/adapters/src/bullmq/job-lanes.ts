import type { System } from '@navette/domain';
import { Job, type Worker } from 'bullmq';
import { createJobLocks } from './job-locks.ts';

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
export function startJobLanes(deps: JobLanesDeps): JobLanes {
  const { worker, concurrency, system, deliver, onError } = deps;
  const token = worker.id;
  const locks = createJobLocks(deps);
  /** Those that are over and still to be ended. */
  let over: Job[] = [];
  let lanes = 0;
  let held = false;
  let closed = false;
  let waiting = false;
  let resting = false;
  let endsScheduled = false;
  let onIdle = () => {};

  const mayFetch = () => !held && !closed;
  const pause = (ms: number) => new Promise<void>((resolve) => void system.after(ms, resolve));

  /** @param ended a job that is over, whose end fetches the first one */
  const openLane = (ended?: Job) => {
    if (lanes >= concurrency || !mayFetch()) return;
    lanes++;
    void runLane(ended).finally(() => {
      lanes--;
      // The one that waited may have found a job while this lane, which left the wait to it, was still counted.
      if (!waiting && !resting) openLane();
      tellWhenIdle();
    });
  };

  const runLane = async (ended?: Job) => {
    let take = ended ? () => end(ended, true) : fetch;
    while (mayFetch()) {
      try {
        for (let job = await take(); job; job = await nextAfter(job)) {
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
        take = fetch;
      }
    }
  };

  const fetch = async (): Promise<Job | undefined> => {
    if (mayFetch()) return (await worker.getNextJob(token, { block: false })) ?? (await waitForJob());
  };

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
    locks.keep(job);
    const fate = await deliver(job, token, () => endSoon(job));
    if (fate === 'moved') forget(job);
    else if (fate === 'over') endSoon(job);
    // The longest fetched first: BullMQ searches its list of active jobs from that end.
    const ended = mayFetch() ? over.shift() : undefined;
    return (ended && (await end(ended, true))) ?? (await fetch());
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
    // Where somebody limits how many jobs are active, a waiting lane is not told that the end of one made room.
    if (jobs.length > 0 && lanes < concurrency && mayFetch()) openLane(jobs.pop());
    for (const job of jobs) void end(job, false).catch(onError);
  };

  /** Removes a job; the next, if it is to be fetched by the same command and there is one. */
  const end = async (job: Job, fetchNext: boolean): Promise<Job | undefined> => {
    try {
      const [data, id] = (await job.moveToCompleted(null, token, fetchNext)) || [];
      return data && Job.fromJSON(worker, data, id);
    } catch (error) {
      // It was handed over again, or Redis has lost it: whoever has it now learns from its claim what it is worth.
      if (!isAboutJob(error)) throw error;
    } finally {
      forget(job);
    }
  };

  const forget = (job: Job) => {
    locks.forget(job);
    tellWhenIdle();
  };

  /** The wait itself is not waited for. */
  const tellWhenIdle = () => {
    if (closed && locks.size === 0 && lanes <= (waiting ? 1 : 0)) onIdle();
  };

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
      locks.close();
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
