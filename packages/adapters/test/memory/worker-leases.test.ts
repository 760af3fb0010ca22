import { type HandlerContext, StoreUnavailableError, type TaskStore } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { createPromise, createStage, taskOf, untilStopped } from './stage.ts';

const leaseMs = 15_000;

/** A line to the store that can be cut. */
function createLine() {
  const line = { cut: false };
  const guard =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (line.cut) throw new StoreUnavailableError('the line is cut');
      return call(...args);
    };
  const through = ({ upkeep, attempts }: TaskStore): Partial<TaskStore> => ({
    upkeep: { ...upkeep, renew: guard(upkeep.renew), release: guard(upkeep.release) },
    attempts: { ...attempts, settle: guard(attempts.settle), progress: guard(attempts.progress) },
  });
  return Object.assign(line, { through });
}

describe('leases', () => {
  test('end with their worker: another takes its task over, and its late result is dropped', async () => {
    const { system, process, logged } = createStage();
    const late = createPromise<string>();
    const signals: HandlerContext['signal'][] = [];
    const task = taskOf(
      (_payload, { attempt, signal }) => {
        signals.push(signal);
        return attempt === 1 ? late.promise : 'by another';
      },
      { timeoutMs: 3_600_000 },
    );
    const line = createLine();
    const doomed = process([task], line.through);
    const worker = doomed.work();
    const { id } = await doomed.submit(task, null);
    await system.advance(0);
    const heir = process([task]);
    heir.work();
    await system.advance(leaseMs + 3_000);
    expect(await heir.get(id)).toMatchObject({ state: 'running', attempt: 1 });

    line.cut = true;
    await system.advance(leaseMs);
    expect(worker.status().leased).toBe(false);
    expect(signals[0]?.aborted).toBe(true);
    await system.advance(3_000);
    const attempts = [{ outcome: 'lost', error: { code: 'worker_lost' } }, { outcome: 'completed' }];
    expect(await heir.get(id)).toMatchObject({ state: 'completed', result: 'by another', spent: 2, attempts });

    line.cut = false;
    late.resolve('late');
    await system.advance(10_000);
    expect(await heir.get(id)).toMatchObject({ state: 'completed', result: 'by another' });
    expect(logged).toContain('took over tasks of a lost worker');
    expect(worker.status()).toMatchObject({ leased: true, running: 0 });
  });

  test('in doubt, nothing is claimed; once they hold again, work goes on', async () => {
    const { system, process } = createStage();
    const task = taskOf(() => 'done');
    const line = createLine();
    const navette = process([task], line.through);
    const worker = navette.work();
    await system.advance(0);
    line.cut = true;
    await system.advance(leaseMs);
    const { id } = await navette.submit(task, null);
    await system.advance(20_000);
    expect(await navette.get(id)).toMatchObject({ state: 'queued', attempts: [] });
    line.cut = false;
    await system.advance(5_000);
    expect(worker.status().leased).toBe(true);
    expect((await navette.get(id)).state).toBe('completed');
  });

  test('end one lease after their renewal was sent, however late its reply came', async () => {
    const { system, process } = createStage();
    let signal: HandlerContext['signal'] | undefined;
    const task = taskOf((_payload, context) => {
      signal = context.signal;
      return untilStopped(context);
    });
    const line = createLine();
    const navette = process([task], (store) => {
      const { upkeep, ...others } = line.through(store) as TaskStore;
      const renew: typeof upkeep.renew = async (...args) => {
        const renewal = await upkeep.renew(...args);
        await new Promise<void>((resolve) => void system.after(2_000, resolve));
        return renewal;
      };
      return { ...others, upkeep: { ...upkeep, renew } };
    });
    const worker = navette.work();
    await system.advance(2_000);
    await navette.submit(task, null, { timeoutMs: 3_600_000 });
    await system.advance(0);
    line.cut = true;
    await system.advance(leaseMs - 2_000 - 1);
    expect(worker.status().leased).toBe(true);
    expect(signal?.aborted).toBe(false);
    await system.advance(1);
    expect(worker.status().leased).toBe(false);
    expect(signal?.aborted).toBe(true);
  });

  test('judge nobody right after an outage: others could merely not write', async () => {
    const { system, process } = createStage();
    const task = taskOf((_payload, context) => untilStopped(context), { timeoutMs: 3_600_000 });
    const [early, late] = [createLine(), createLine()];
    const held = process([task], late.through);
    const worker = held.work();
    const { id } = await held.submit(task, null);
    await system.advance(0);
    const judge = process([task], early.through);
    judge.work({ queues: {} });
    await system.advance(leaseMs + 3_000);
    early.cut = true;
    late.cut = true;
    await system.advance(2 * leaseMs);
    early.cut = false;
    await system.advance(5_000);
    expect(await judge.workers()).toHaveLength(1);
    expect(await held.get(id)).toMatchObject({ state: 'running', attempts: [{ outcome: 'running' }] });
    late.cut = false;
    await system.advance(5_000);
    expect(worker.status().leased).toBe(true);
    const attempts = [{ outcome: 'interrupted' }, { outcome: 'running' }];
    expect(await held.get(id)).toMatchObject({ state: 'running', spent: 0, attempts });
  });

  test('judge nobody right after an outage that they have outlived themselves', async () => {
    const { system, process } = createStage();
    const task = taskOf((_payload, context) => untilStopped(context), { timeoutMs: 3_600_000 });
    const [early, late] = [createLine(), createLine()];
    const held = process([task], late.through);
    held.work();
    const { id } = await held.submit(task, null);
    await system.advance(2_000);
    const judge = process([task], early.through);
    judge.work({ queues: {} });
    await system.advance(leaseMs + 3_500);
    // Renewed 2 s earlier than the judge's, the other's lease ends while that one still lasts.
    early.cut = true;
    late.cut = true;
    await system.advance(leaseMs - 2_000);
    early.cut = false;
    await system.advance(2_000);
    expect(await judge.workers()).toHaveLength(1);
    late.cut = false;
    await system.advance(2 * leaseMs);
    expect((await held.get(id)).attempts.map(({ outcome }) => outcome)).not.toContain('lost');
  });

  test.each([
    ['as seen by a steward first', 16_600, false],
    ['as seen by a renewal first', 17_100, false],
    ['where there is one worker alone', 16_600, true],
  ])('are not judged by a clock that has stepped forward, %s', async (_, steppedAtMs, alone) => {
    const { system, process, stepClock, logged } = createStage();
    const task = taskOf((_payload, context) => untilStopped(context), { timeoutMs: 3_600_000 });
    const held: string[] = [];
    const navettes = (alone ? [0] : [0, 1_000]).map((startedAtMs) => ({ startedAtMs, navette: process([task]) }));
    for (const { startedAtMs, navette } of navettes) {
      await system.advance(startedAtMs);
      navette.work({ queues: { default: 1 }, lease: { leaseMs, renewEveryMs: 2_500 }, alone });
      held.push((await navette.submit(task, null)).id);
      await system.advance(0);
    }
    await system.advance(steppedAtMs - system.monotonicMs());
    stepClock(60_000);
    await system.advance(3 * leaseMs);
    for (const id of held) {
      expect(await navettes[0]?.navette.get(id)).toMatchObject({ spent: 0, attempts: [{ outcome: 'running' }] });
    }
    expect(logged).not.toContain('took over tasks of a lost worker');
    expect(logged).toContain('the lease had run out by the clock of the store: nobody is judged for a whole lease');
  });

  test('outlive a store that fails while an attempt is settled', async () => {
    const { system, process } = createStage();
    const end = createPromise<string>();
    const task = taskOf(() => end.promise);
    const line = createLine();
    const navette = process([task], line.through);
    const worker = navette.work();
    const { id } = await navette.submit(task, null);
    await system.advance(0);
    line.cut = true;
    end.resolve('kept');
    await system.advance(3_000);
    expect(worker.status().running).toBe(1);
    expect((await navette.get(id)).state).toBe('running');
    line.cut = false;
    await system.advance(2_000);
    expect(await navette.get(id)).toMatchObject({ state: 'completed', result: 'kept', attempt: 1, spent: 1 });
  });

  test('hand back an attempt whose claim was lost', async () => {
    const { system, process, store, logged } = createStage();
    const task = taskOf(() => 'done');
    const navette = process([task]);
    const worker = navette.work();
    await system.advance(0);
    const { id } = await process([task]).submit(task, null, { delayMs: 1 });
    await store.control.promote(id);
    // Granted to the worker, but the answer never came to it.
    await store.attempts.claim({ worker: worker.id, types: [task.type] }, id, 1);
    await system.advance(3_000);
    expect(await navette.get(id)).toMatchObject({ state: 'running', attempt: 1 });
    await system.advance(4_000);
    const attempts = [{ outcome: 'interrupted' }, { outcome: 'completed' }];
    expect(await navette.get(id)).toMatchObject({ state: 'completed', spent: 1, attempts });
    expect(logged).toContain('handed back an attempt whose claim was lost');
  });
});
