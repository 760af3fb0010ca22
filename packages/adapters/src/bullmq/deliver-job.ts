import type { ClaimAnswer, ClaimedAttempt, Consumption, Dispatch, Log } from '@navette/domain';
import type { Job } from 'bullmq';
import type { FetchGate } from './fetch-gate.ts';
import type { JobFate } from './job-lanes.ts';
import { handOverOf } from './queue-job.ts';
import type { Tally } from './tally.ts';
import type { UnsettledAttempts } from './unsettled-attempts.ts';

/** What delivering a fetched job needs. */
export interface Delivery {
  readonly consumption: Consumption;
  readonly gate: FetchGate;
  /** Counts claims that have not yet become a call of `handle`, or come to nothing. */
  readonly claiming: Tally;
  readonly unsettled: UnsettledAttempts;
  readonly log: Log;
  readonly wakeAll: () => Promise<unknown>;
}

/** A job that has been fetched this often goes behind the others when it is put back: it may be what breaks its claim. */
const maxFetches = 5;
/** How long such a job stays away, ms. */
const breatherMs = 1_000;

/**
 * Claims a fetched job and runs the attempt, until its slot is free: while the result is being written the slot can go
 * to the next job. The job is over when that is committed, or it is of no account any more; otherwise it is put back or
 * parked. Never rejects.
 */
export async function deliverJob(delivery: Delivery, job: Job, token: string, onOver: () => void): Promise<JobFate> {
  const { gate, consumption } = delivery;
  const handOver = handOverOf(job.id);
  if (!handOver) return 'over';
  if (!gate.held && !consumption.mayClaim()) gate.hold();
  if (gate.held) return putBack(delivery, job, token);
  const claimed = await claim(delivery, handOver, onOver);
  if (claimed === 'failed') return putBack(delivery, job, token);
  if ('ran' in claimed) return claimed.ran;
  if (claimed.kind === 'notYet' || claimed.kind === 'heldByLive') return park(delivery, job, token, claimed.delayMs);
  return 'over';
}

type Claimed = { ran: Promise<JobFate> } | Exclude<ClaimAnswer, { kind: 'granted' }> | 'failed';

/** A store that does not answer is never a failed job: fetching is held back. */
async function claim(
  delivery: Delivery,
  { taskId, dispatch }: Pick<Dispatch, 'taskId' | 'dispatch'>,
  onOver: () => void,
): Promise<Claimed> {
  const { consumption, gate, claiming } = delivery;
  const { worker, types, onError } = consumption;
  claiming.enter();
  try {
    const answer = await consumption.claim({ worker, types }, taskId, dispatch);
    return answer.kind === 'granted' ? { ran: run(delivery, answer.attempt, onOver) } : answer;
  } catch (error) {
    gate.hold();
    onError(error);
    return 'failed';
  } finally {
    claiming.leave();
  }
}

/** Runs an attempt until its slot is free. */
function run({ consumption, unsettled }: Delivery, attempt: ClaimedAttempt, onOver: () => void): Promise<JobFate> {
  return new Promise((leaveSlot) => {
    let ran = false;
    const onRan = () => {
      ran = true;
      unsettled.ran(() => leaveSlot('later'));
    };
    void consumption.handle(attempt, onRan).then(() => {
      if (!ran) return leaveSlot('over');
      unsettled.settled();
      onOver();
    });
  });
}

/** Puts a job back to the front of its level, for any worker. */
async function putBack(delivery: Delivery, job: Job, token: string): Promise<'moved'> {
  if (job.attemptsStarted > maxFetches) return park(delivery, job, token, breatherMs);
  await move(delivery, job, async () => {
    await job.moveToWait(token);
    await delivery.wakeAll();
  });
  return 'moved';
}

/** Parks a job; when the delay (ms) is over it goes to the end of its level. */
async function park(delivery: Delivery, job: Job, token: string, delayMs: number): Promise<'moved'> {
  await move(delivery, job, () => job.moveToDelayed(Date.now() + Math.ceil(delayMs), token));
  return 'moved';
}

/** A job that cannot be moved is not ours any more, or will stall and be handed over again. */
async function move({ log }: Delivery, job: Job, moving: () => Promise<void>): Promise<void> {
  try {
    await moving();
  } catch (error) {
    log.debug({ err: error, job: job.id }, 'could not put a job back, BullMQ will hand it over again');
  }
}
