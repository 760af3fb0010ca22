import type { System } from '@navette/domain';
import type { Job, Worker } from 'bullmq';

/** What keeping locks needs. */
export interface JobLocksDeps {
  readonly worker: Pick<Worker, 'id' | 'extendJobLocks'>;
  /** How long Redis keeps a lock that is not renewed, ms. */
  readonly lockMs: number;
  readonly system: Pick<System, 'after'>;
  readonly onError: (error: unknown) => void;
}

/** The locks of the jobs that a worker has fetched. */
export interface JobLocks {
  /** How many are kept. */
  readonly size: number;
  /** Keeps the lock of a job that was fetched just now. */
  keep(job: Job): void;
  /** Renews it no more. */
  forget(job: Job): void;
  /** Renews none any more. */
  close(): void;
}

/** Keeps locks, by the worker's id as the token of all. A job that is ended soon costs nothing. */
export function createJobLocks({ worker, lockMs, system, onError }: JobLocksDeps): JobLocks {
  /** The jobs, and since when they are locked, on the clock of `performance.now()`. */
  const locked = new Map<Job, number>();
  let closed = false;
  let cancel = () => {};

  const renew = async () => {
    const now = performance.now();
    const due = [...locked].filter(([, since]) => now - since >= lockMs / 4).map(([job]) => job);
    for (const job of due) locked.set(job, now);
    try {
      const ids = due.map(({ id }) => id as string);
      // Those that are not this worker's any more are of no account: the claim decides.
      if (ids.length > 0) await worker.extendJobLocks(ids, Array(ids.length).fill(worker.id), lockMs);
    } catch (error) {
      if (!closed) onError(error);
    }
    renewLater();
  };

  const renewLater = () => {
    if (!closed) cancel = system.after(lockMs / 4, () => void renew());
  };

  renewLater();
  return {
    get size() {
      return locked.size;
    },
    keep: (job) => void locked.set(job, performance.now()),
    forget: (job) => void locked.delete(job),
    close: () => {
      closed = true;
      cancel();
    },
  };
}
