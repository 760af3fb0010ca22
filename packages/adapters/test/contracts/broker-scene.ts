import {
  type ClaimedAttempt,
  type Consumer,
  type Consumption,
  type Dispatch,
  type NewTask,
  type Settlement,
  StoreUnavailableError,
  type Task,
  type TaskWithAttempts,
} from '@navette/domain';
import { expect, test } from 'vitest';
import { eventually, patienceMs } from '../eventually.ts';
import type { BrokerUnderTest, OpenBroker } from './broker-under-test.ts';
import { newId, newTask } from './store-scene.ts';

const completion: Settlement = { outcome: 'completed', result: null };

/** Delays of claims are cut to this, ms: a case waits for the second look, not for its hour. */
const shortDelayMs = 50;

/** Leases outlast every case, ms. */
const leaseMs = 600_000;

/** A consumer of the suite, and what was delivered to it. */
export interface Listener extends Consumer {
  readonly worker: string;
  /** What `handle` was given, in order. */
  readonly delivered: ClaimedAttempt[];
  /** What `onError` was given. */
  readonly errors: unknown[];
  /** Handlers under way, and the most there have been at once. */
  readonly running: { now: number; most: number };
  /** Resolves when so many have been delivered. */
  until(count: number): Promise<void>;
}

/** What a consumer of the suite does otherwise than by default: one slot, one type, every attempt completed at once. */
export interface ListenOptions
  extends Partial<Pick<Consumption, 'queue' | 'concurrency' | 'types' | 'mayClaim' | 'handle'>> {
  readonly settle?: Settlement;
}

/** What is ready for a case of the contract. */
export interface BrokerScene extends BrokerUnderTest {
  insert(given?: Partial<NewTask>): Promise<Task>;
  /** Records tasks and hands them over, one after another; their ids. */
  submit(...given: Partial<NewTask>[]): Promise<string[]>;
  consume(options?: ListenOptions): Promise<Listener>;
  /** From now on the store fails every claim and dequeue, or answers again. */
  breakStore(broken: boolean): void;
  /** Resolves when all these tasks are completed. */
  completed(taskIds: readonly string[]): Promise<void>;
  get(taskId: string): Promise<TaskWithAttempts>;
  /**
   * Sends a task through another queue and waits for it: whatever would have been delivered without being asked for
   * has had its chance by then.
   */
  roundTrip(): Promise<void>;
}

/** How a hand-over of a task is written. */
export function handOver({ id, dispatch, queue, priority }: Task): Dispatch {
  return { taskId: id, dispatch, queue, priority };
}

/** A gate that handlers can be made to wait at. */
export function createGate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** How to write the cases of the suite: each gets a scene over a broker of its own. */
export function brokerCases(open: OpenBroker) {
  return (title: string, body: (scene: BrokerScene) => Promise<void>) =>
    test(title, { timeout: 4 * patienceMs }, async () => {
      const opened = await open();
      const listeners: Listener[] = [];
      try {
        await body(sceneOf(opened, listeners));
      } finally {
        await Promise.all(listeners.map((listener) => listener.stop()));
        await Promise.all(listeners.map((listener) => listener.close(1_000)));
        await opened.close();
      }
    });
}

function sceneOf(opened: BrokerUnderTest, listeners: Listener[]): BrokerScene {
  const { store, broker } = opened;
  let broken = false;

  const insert: BrokerScene['insert'] = async (given) => {
    const [outcome] = await store.records.insert([newTask(given)]);
    if (outcome?.kind !== 'inserted') throw new Error(`expected the task to be inserted: ${JSON.stringify(outcome)}`);
    return outcome.task;
  };

  const submit: BrokerScene['submit'] = async (...given) => {
    const ids: string[] = [];
    for (const one of given) {
      const task = await insert(one);
      await broker.dispatch([handOver(task)]);
      ids.push(task.id);
    }
    return ids;
  };

  const claim: Consumption['claim'] = async (claimant, taskId, dispatch) => {
    if (broken) throw new StoreUnavailableError('the store of the test is away');
    const answer = await store.attempts.claim(claimant, taskId, dispatch);
    return 'delayMs' in answer ? { ...answer, delayMs: shortDelayMs } : answer;
  };

  const consume: BrokerScene['consume'] = async (options) => {
    const listener = await listen(opened, claim, options);
    listeners.push(listener);
    return listener;
  };

  const get: BrokerScene['get'] = async (taskId) => {
    const task = await store.records.get(taskId);
    if (!task) throw new Error(`expected a task ${taskId}`);
    return task;
  };

  const completed: BrokerScene['completed'] = async (taskIds) => {
    for (const id of taskIds) await eventually(async () => expect((await get(id)).state).toBe('completed'));
  };

  const roundTrip = async () => {
    const queue = `aside-${newId()}`;
    const aside = await consume({ queue });
    await completed(await submit({ queue }));
    await aside.stop();
  };

  const breakStore = (value: boolean) => {
    broken = value;
    opened.breakDequeue?.(value);
  };

  return { ...opened, insert, submit, consume, completed, get, roundTrip, breakStore };
}

/** Starts a consumer under a fresh worker's lease. */
async function listen(
  { store, broker }: BrokerUnderTest,
  claim: Consumption['claim'],
  { settle = completion, handle, ...given }: ListenOptions = {},
): Promise<Listener> {
  const worker = newId();
  const consumption = { worker, queue: 'contract', concurrency: 1, types: ['contract.task'], ...given };
  const { queue, concurrency, types } = consumption;
  await store.upkeep.renew({ id: worker, name: 'contract', queues: { [queue]: concurrency }, types }, leaseMs);
  const delivered: ClaimedAttempt[] = [];
  const errors: unknown[] = [];
  const running = { now: 0, most: 0 };
  const consumer = broker.consume({
    mayClaim: () => true,
    ...consumption,
    claim,
    handle: async (attempt) => {
      delivered.push(attempt);
      running.most = Math.max(running.most, ++running.now);
      await handle?.(attempt);
      await store.attempts.settle(attempt, settle);
      running.now--;
    },
    onError: (error) => errors.push(error),
  });
  return {
    worker,
    delivered,
    errors,
    running,
    until: (count) => eventually(() => expect(delivered.length).toBeGreaterThanOrEqual(count)),
    stop: () => consumer.stop(),
    close: (deadlineMs) => consumer.close(deadlineMs),
  };
}
