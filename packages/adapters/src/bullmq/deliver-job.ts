import type { ClaimAnswer, Consumption, Dispatch, Log } from '@navette/domain';
import { DelayedError, type Job, WaitingError } from 'bullmq';
import type { FetchGate } from './fetch-gate.ts';
import { handOverOf } from './queue-job.ts';
import type { Tally } from './tally.ts';

/** What delivering a fetched job needs. */
export interface Delivery {
  readonly consumption: Consumption;
  readonly gate: FetchGate;
  /** Counts claims that have not yet become a call of `handle`, or come to nothing. */
  readonly claiming: Tally;
  readonly log: Log;
  readonly wakeAll: () => Promise<unknown>;
}

/** A job that has been fetched this often goes behind the others when it is put back: it may be what breaks its claim. */
const maxFetches = 5;
/** How long such a job stays away, ms. */
const breatherMs = 1_000;

/**
 * Claims a fetched job and runs the attempt. Resolves when the job is over for BullMQ: handled, or of no account any
 * more. A job that stays is put back or parked and ends in the error that tells BullMQ so; no other error leaves this
 * function, because BullMQ would take it for a failed job.
 */
export async function deliverJob(delivery: Delivery, job: Job, token: string): Promise<void> {
  const { gate, consumption } = delivery;
  const handOver = handOverOf(job.id);
  if (!handOver) return;
  if (!gate.held && !consumption.mayClaim()) gate.hold();
  if (gate.held) return putBack(delivery, job, token);
  const claimed = await claim(delivery, handOver);
  if (claimed === 'failed') return putBack(delivery, job, token);
  if ('handled' in claimed) return claimed.handled;
  if (claimed.kind === 'notYet' || claimed.kind === 'heldByLive') return park(delivery, job, token, claimed.delayMs);
}

type Claimed = { handled: Promise<void> } | Exclude<ClaimAnswer, { kind: 'granted' }> | 'failed';

/** A store that does not answer is never a failed job: fetching is held back. */
async function claim(
  { consumption, gate, claiming }: Delivery,
  { taskId, dispatch }: Pick<Dispatch, 'taskId' | 'dispatch'>,
): Promise<Claimed> {
  const { worker, types, handle, onError } = consumption;
  claiming.enter();
  try {
    const answer = await consumption.claim({ worker, types }, taskId, dispatch);
    return answer.kind === 'granted' ? { handled: handle(answer.attempt) } : answer;
  } catch (error) {
    gate.hold();
    onError(error);
    return 'failed';
  } finally {
    claiming.leave();
  }
}

/** Puts a job back to the front of its level, for any worker. */
async function putBack(delivery: Delivery, job: Job, token: string): Promise<never> {
  if (job.attemptsStarted > maxFetches) return park(delivery, job, token, breatherMs);
  await move(delivery, job, async () => {
    await job.moveToWait(token);
    await delivery.wakeAll();
  });
  throw new WaitingError();
}

/** Parks a job; when the delay (ms) is over it goes to the end of its level. */
async function park(delivery: Delivery, job: Job, token: string, delayMs: number): Promise<never> {
  await move(delivery, job, () => job.moveToDelayed(Date.now() + Math.ceil(delayMs), token));
  throw new DelayedError();
}

/** A job that cannot be moved is not ours any more, or will stall and be handed over again. */
async function move({ log }: Delivery, job: Job, moving: () => Promise<void>): Promise<void> {
  try {
    await moving();
  } catch (error) {
    log.debug({ err: error, job: job.id }, 'could not put a job back, BullMQ will hand it over again');
  }
}
