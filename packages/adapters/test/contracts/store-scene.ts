import {
  type Claimant,
  type ClaimedAttempt,
  defaultRetryPolicy,
  type Json,
  type MovedTask,
  type NewTask,
  type Settlement,
  type Task,
  type TaskState,
  type TaskWithAttempts,
} from '@navette/domain';
import { expect, test } from 'vitest';
import { createSystem } from '../../src/system/index.ts';
import type { OpenStore, StoreUnderTest } from './store-under-test.ts';

/** Length of the leases that a scene gives, ms. */
export const leaseMs = 15_000;

/** The error that a scene's failed attempts end with. */
export const failure = { code: 'handler_error', message: 'it did not work' };

/** What is ready for a case of the contract: the store, and short ways to bring tasks where the case begins. */
export interface Scene extends StoreUnderTest {
  /** Records one task. */
  insert(given?: Partial<NewTask>): Promise<Task>;
  get(taskId: string): Promise<TaskWithAttempts>;
  /** What a fresh worker whose lease is live recovers. */
  recoverLost(limit: number): Promise<MovedTask[]>;
  /** A fresh worker that knows the scene's type, with a lease of {@link leaseMs}. */
  worker(): Promise<Claimant>;
  /** Claims the task's present dispatch, by default for a fresh worker. */
  claim(task: Pick<Task, 'id' | 'dispatch'>, claimant?: Claimant): Promise<ClaimedAttempt>;
  /** Records a task and claims it. */
  running(given?: Partial<NewTask>): Promise<ClaimedAttempt>;
  /** Records a task, claims it and settles it; its id. */
  settled(settlement: Settlement, given?: Partial<NewTask>): Promise<string>;
  /** Brings a new task into a state; waiting ones are due in a minute. Its id. */
  inState(state: TaskState, given?: Partial<NewTask>): Promise<string>;
}

const { newId } = createSystem();

/** Ids as a real process makes them, going up. */
export { newId };

/** A task that every store can keep. */
export function newTask(given: Partial<NewTask> = {}): NewTask {
  return {
    id: newId(),
    type: 'contract.task',
    queue: 'contract',
    payload: { text: 'hello' },
    priority: 'normal',
    retry: defaultRetryPolicy,
    timeoutMs: 60_000,
    tags: [],
    ...given,
  };
}

/** JSON as text: unlike `toEqual`, it tells the order of keys and a key `__proto__`. */
export function textOf(value: Json): string {
  return JSON.stringify(value);
}

/** How to write the cases of one suite: each gets a scene over a store of its own. */
export function storeCases(open: OpenStore) {
  return (title: string, body: (scene: Scene) => Promise<void>) =>
    test(title, async () => {
      const opened = await open();
      try {
        await body(sceneOf(opened));
      } finally {
        await opened.close();
      }
    });
}

function sceneOf(opened: StoreUnderTest): Scene {
  const { store } = opened;

  const insert: Scene['insert'] = async (given) => {
    const [outcome] = await store.records.insert([newTask(given)]);
    if (outcome?.kind !== 'inserted') throw new Error(`expected the task to be inserted: ${JSON.stringify(outcome)}`);
    return outcome.task;
  };

  const worker: Scene['worker'] = async () => {
    const id = newId();
    const types = ['contract.task'];
    await store.upkeep.renew({ id, name: 'contract', queues: { contract: 1 }, types }, leaseMs);
    return { worker: id, types };
  };

  const claim: Scene['claim'] = async (task, claimant) => {
    const answer = await store.attempts.claim(claimant ?? (await worker()), task.id, task.dispatch);
    if (answer.kind !== 'granted') throw new Error(`expected the claim to be granted: ${JSON.stringify(answer)}`);
    return answer.attempt;
  };

  const running: Scene['running'] = async (given) => claim(await insert(given));

  const settled: Scene['settled'] = async (settlement, given) => {
    const attempt = await running(given);
    const answer = await store.attempts.settle(attempt, settlement);
    expect(answer.kind).toBe('settled');
    return attempt.taskId;
  };

  return {
    store,
    now: () => opened.now(),
    advance: (ms) => opened.advance(ms),
    begin: () => opened.begin(),
    close: () => opened.close(),
    insert,
    recoverLost: async (limit) => (await store.upkeep.recoverLost((await worker()).worker, limit)) ?? [],
    worker,
    claim,
    running,
    settled,
    get: async (taskId) => {
      const task = await store.records.get(taskId);
      if (!task) throw new Error(`expected a task ${taskId}`);
      return task;
    },
    inState: async (state, given) => {
      switch (state) {
        case 'scheduled':
          return (await insert({ delayMs: 60_000, ...given })).id;
        case 'queued':
          return (await insert(given)).id;
        case 'running':
          return (await running(given)).taskId;
        case 'retrying':
          return settled({ outcome: 'failed', error: failure, next: 'retrying', delayMs: 60_000 }, given);
        case 'completed':
          return settled({ outcome: 'completed', result: { done: true } }, given);
        case 'failed':
          return settled({ outcome: 'failed', error: failure, next: 'failed' }, given);
        case 'cancelled': {
          const { id } = await insert(given);
          await store.control.cancel(id);
          return id;
        }
        case 'expired': {
          const { id } = await insert({ ...given, expiresAt: new Date(opened.now().getTime() - 1_000) });
          await store.upkeep.expire(500);
          return id;
        }
      }
    },
  };
}
