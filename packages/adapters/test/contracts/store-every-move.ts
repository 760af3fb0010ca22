import { legalMoves, type TaskState, taskStates } from '@navette/domain';
import { describe, expect } from 'vitest';
import { failure, leaseMs, type Scene, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** One thing that can be done to a task, and every move it makes; from all other states it moves nothing. */
interface Action {
  readonly moves: Partial<Record<TaskState, TaskState>>;
  act(scene: Scene, taskId: string): Promise<unknown>;
}

const hourMs = 3_600_000;

const settle = (settlement: Parameters<Scene['settled']>[0]) => async (scene: Scene, taskId: string) => {
  const { attempts, attempt } = await scene.get(taskId);
  const worker = attempts.at(-1)?.worker ?? (await scene.worker()).worker;
  await scene.store.attempts.settle({ taskId, attempt, worker }, settlement);
};

/** Every action that moves a task. */
const actions: Readonly<Record<string, Action>> = {
  claim: {
    moves: { queued: 'running' },
    act: async ({ store, get, worker }, taskId) => {
      const { dispatch } = await get(taskId);
      await store.attempts.claim(await worker(), taskId, dispatch);
    },
  },
  complete: { moves: { running: 'completed' }, act: settle({ outcome: 'completed', result: null }) },
  fail: { moves: { running: 'failed' }, act: settle({ outcome: 'failed', error: failure, next: 'failed' }) },
  'fail and try again': {
    moves: { running: 'retrying' },
    act: settle({ outcome: 'failed', error: failure, next: 'retrying', delayMs: 0 }),
  },
  'hand back': { moves: { running: 'queued' }, act: settle({ outcome: 'interrupted' }) },
  cancel: {
    moves: { scheduled: 'cancelled', queued: 'cancelled', retrying: 'cancelled' },
    act: ({ store }, taskId) => store.control.cancel(taskId),
  },
  'cancel and obey': {
    moves: { scheduled: 'cancelled', queued: 'cancelled', retrying: 'cancelled', running: 'cancelled' },
    act: async (scene, taskId) => {
      await scene.store.control.cancel(taskId);
      await settle({ outcome: 'cancelled', cancellation: 'acknowledged' })(scene, taskId);
    },
  },
  retry: {
    moves: { completed: 'queued', failed: 'queued', cancelled: 'queued', expired: 'queued' },
    act: ({ store }, taskId) => store.control.retry(taskId),
  },
  promote: {
    moves: { scheduled: 'queued', retrying: 'queued' },
    act: ({ store }, taskId) => store.control.promote(taskId),
  },
  'promote what is due': {
    moves: { scheduled: 'queued', retrying: 'queued' },
    act: async ({ store, advance }) => {
      await advance(60_001);
      await store.upkeep.promoteDue(500);
    },
  },
  'recover what is lost': {
    moves: { running: 'queued' },
    act: async ({ recoverLost, advance }) => {
      await advance(leaseMs + 1);
      await recoverLost(500);
    },
  },
  expire: {
    moves: { scheduled: 'expired', queued: 'expired', retrying: 'expired' },
    act: async ({ store, advance }) => {
      await advance(hourMs + 1);
      await store.upkeep.expire(500);
    },
  },
};

const listOf = (moves: Action['moves']) => Object.entries(moves).map((move) => move.join(' → '));

/** Every action in every state: the moves that are made are the legal ones, all of them, and no other. */
export function describeEveryMove(open: OpenStore): void {
  const it = storeCases(open);
  describe('every move', () => {
    for (const [name, { moves, act }] of Object.entries(actions)) {
      it(`${name}: ${listOf(moves).join(', ')}, and nothing else`, async (scene) => {
        for (const state of taskStates) {
          const expiresAt = new Date(scene.now().getTime() + hourMs);
          const id = await scene.inState(state, { expiresAt });
          const before = await scene.get(id);
          expect(before.state).toBe(state);
          await act(scene, id);
          const after = await scene.get(id);
          expect(after.state, `${name} in state ${state}`).toBe(moves[state] ?? state);
          if (after.state !== state) expect(after.version).toBeGreaterThan(before.version);
          // What this action left behind must not meet the next one.
          await scene.store.control.cancel(id);
        }
      });
    }

    it('covers the legal moves', async () => {
      const made = Object.values(actions).flatMap(({ moves }) => listOf(moves));
      const legal = taskStates.flatMap((from) => legalMoves[from].map((to) => `${from} → ${to}`));
      expect(new Set(made)).toEqual(new Set(legal));
    });
  });
}
