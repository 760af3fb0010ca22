import { describe, expect, test } from 'vitest';
import { createSystem } from '../../src/system/index.ts';
import { createIdSource } from '../../src/system/uuid-v7.ts';
import { eventually } from '../eventually.ts';

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const stampOf = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

function isGoingUp(ids: readonly string[]): boolean {
  return ids.every((id, i) => i === 0 || (ids[i - 1] ?? '') < id);
}

describe('ids', () => {
  test('are UUIDv7 of the present time and go up', () => {
    const { newId } = createSystem();
    const before = Date.now();
    const ids = Array.from({ length: 5_000 }, newId);
    for (const id of ids) expect(id).toMatch(uuidV7);
    expect(isGoingUp(ids)).toBe(true);
    expect(stampOf(ids[0] ?? '')).toBeGreaterThanOrEqual(before);
    expect(stampOf(ids.at(-1) ?? '')).toBeLessThanOrEqual(Date.now());
  });

  test('go up while the clock stands still or goes back', () => {
    const clock = [1_000, 1_000, 999, 0, 1_001, 500];
    const next = createIdSource(() => clock.shift() ?? 400);
    const ids = Array.from({ length: 50 }, next);
    expect(isGoingUp(ids)).toBe(true);
    expect(stampOf(ids[3] ?? '')).toBe(1_000);
    expect(stampOf(ids.at(-1) ?? '')).toBe(1_001);
  });

  test('carry every bit of time and counter', () => {
    const fills = [0x7f, 0x00];
    const next = createIdSource(
      () => 0x0123_4567_89ab,
      (bytes) => bytes.fill(fills.shift() ?? 0xff),
    );
    expect(next()).toBe('01234567-89ab-77f7-bdfd-ff7f7f7f7f7f');
    expect(next()).toBe('01234567-89ab-77f7-bdfe-000000000000');
    expect(next()).toBe('01234567-89ab-77f7-bdfe-07ffffffffff');
  });

  test('go on in the next millisecond when the counter runs over', () => {
    const fills = [0xff, 0x00];
    const next = createIdSource(
      () => 7,
      (bytes) => bytes.fill(fills.shift() ?? 0),
    );
    expect(next()).toBe('00000000-0007-7fff-bfff-ffffffffffff');
    expect(next()).toBe('00000000-0008-7000-8000-000000000000');
    expect(next()).toBe('00000000-0008-7000-8000-040000000000');
  });
});

describe('the machine', () => {
  test('calls back once, after the delay, unless it is called off', async () => {
    const system = createSystem();
    const calls: string[] = [];
    system.after(20, () => calls.push('second'));
    system.after(1, () => calls.push('first'));
    const callOff = system.after(1, () => calls.push('never'));
    callOff();
    await eventually(() => expect(calls).toEqual(['first', 'second']));
    callOff();
  });

  test('takes a delay that setTimeout cannot count for long, not for none', async () => {
    const system = createSystem();
    const calls: string[] = [];
    const callOff = system.after(2 ** 31, () => calls.push('in 25 days'));
    system.after(20, () => calls.push('soon'));
    await eventually(() => expect(calls).toEqual(['soon']));
    callOff();
  });

  test('has a clock that never goes back', () => {
    const { monotonicMs } = createSystem();
    const [first, second] = [monotonicMs(), monotonicMs()];
    expect(second).toBeGreaterThanOrEqual(first);
  });

  test('raises a signal once, with its reason', () => {
    const { signal, abort } = createSystem().abortHandle();
    const reason = new Error('first');
    abort(reason);
    abort(new Error('second'));
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal).toMatchObject({ aborted: true, reason });
  });
});
