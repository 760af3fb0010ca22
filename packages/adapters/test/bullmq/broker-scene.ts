import type { ClaimAnswer, ClaimedAttempt, Consumer, Consumption, Dispatch, Priority } from '@navette/domain';
import { Redis } from 'ioredis';
import { onTestFinished, vi } from 'vitest';
import { type BullmqBroker, type BullmqBrokerOptions, createBullmqBroker } from '../../src/bullmq/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { freshName, redisUrl } from '../servers.ts';

/** How long tests wait for what Redis has to do after an outage: retries are at most 2 s apart, polls 5 s. */
export const patience = { timeout: 20_000, interval: 20 };

const { newId, after } = createSystem();

/** Waits of the driver's own (not those of BullMQ and Redis) last a twentieth. */
export const hurried = {
  system: { after: (delayMs: number, callback: () => void) => after(delayMs / 20, callback) },
  deadlineMs: 16_000,
} satisfies Partial<BullmqBrokerOptions>;

/** Opens a broker on keys of its own; it is closed with the test. */
export async function openBroker(options: Partial<BullmqBrokerOptions> = {}): Promise<BullmqBroker> {
  const prefix = options.prefix ?? `{${freshName()}}`;
  const broker = createBullmqBroker({ redisUrl, prefix, ...options });
  onTestFinished(async () => {
    await broker.close();
    if (options.redisUrl === undefined) await dropKeys(prefix);
  });
  return broker;
}

/** Removes what a test left in the shared Redis. */
export async function dropKeys(prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.unlink(keys);
  redis.disconnect();
}

/** Opens a broker and waits until it is connected. */
export async function openConnectedBroker(options: Partial<BullmqBrokerOptions> = {}): Promise<BullmqBroker> {
  const broker = await openBroker(options);
  await connected(broker);
  return broker;
}

/** Resolves when the broker answers. */
export async function connected(broker: BullmqBroker): Promise<void> {
  await vi.waitFor(async () => {
    if (!(await broker.healthy())) throw new Error('not connected yet');
  }, patience);
}

/** A hand-over of a task that nobody knows. */
export function handOver(priority: Priority = 'normal', queue = 'media'): Dispatch {
  return { taskId: newId(), dispatch: 1, queue, priority };
}

/** What was asked and handed over by a consumer whose store is the test. */
export interface Observed {
  readonly claims: string[];
  readonly handled: string[];
  readonly errors: unknown[];
  readonly consumer: Consumer;
}

/** Consumes `media`; by default every claim is granted, and the handler returns at once. */
export function consume(broker: BullmqBroker, overrides: Partial<Consumption> = {}): Observed {
  const observed = { claims: [] as string[], handled: [] as string[], errors: [] as unknown[] };
  const { claim = grant, handle = async () => {} } = overrides;
  const consumer = broker.consume({
    worker: newId(),
    queue: 'media',
    concurrency: 1,
    types: ['any'],
    mayClaim: () => true,
    onError: (error) => observed.errors.push(error),
    ...overrides,
    claim: (claimant, taskId, dispatch) => {
      observed.claims.push(taskId);
      return claim(claimant, taskId, dispatch);
    },
    handle: (attempt, onRan) => {
      observed.handled.push(attempt.taskId);
      return handle(attempt, onRan);
    },
  });
  onTestFinished(async () => {
    await consumer.stop();
    await consumer.close(0);
  });
  return { ...observed, consumer };
}

/** The claim of a store that grants everything. */
export const grant: Consumption['claim'] = async ({ worker }, taskId, dispatch): Promise<ClaimAnswer> => {
  const attempt: ClaimedAttempt = {
    taskId,
    dispatch,
    worker,
    attempt: 1,
    type: 'any',
    queue: 'media',
    priority: 'normal',
    payload: null,
    retry: { maxAttempts: 1, backoff: { kind: 'fixed', delayMs: 0, maxDelayMs: 0, jitter: 0 } },
    spent: 0,
    timeoutMs: 1_000,
  };
  return { kind: 'granted', attempt };
};

/** A promise that the test settles. */
export function latch<T = void>(): { readonly promise: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
