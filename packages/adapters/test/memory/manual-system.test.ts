import { describe, expect, test } from 'vitest';
import { createManualSystem } from '../../src/memory/index.ts';

describe('the manual system', () => {
  test('stands still until it is moved', async () => {
    const startAt = new Date('2030-01-01T00:00:00Z');
    const system = createManualSystem({ startAt });
    expect(system.now()).toEqual(startAt);
    await system.advance(1_500);
    expect(system.now().toISOString()).toBe('2030-01-01T00:00:01.500Z');
    expect(system.monotonicMs()).toBe(1_500);
  });

  test('calls timers in the order of their times, at their times', async () => {
    const system = createManualSystem();
    const calls: [string, number][] = [];
    const note = (name: string) => () => calls.push([name, system.monotonicMs()]);
    system.after(30, note('c'));
    system.after(10, note('a'));
    system.after(10, note('b'));
    const callOff = system.after(20, note('never'));
    system.after(31, note('later'));
    callOff();
    await system.advance(30);
    expect(calls).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 30],
    ]);
    expect(system.monotonicMs()).toBe(30);
    await system.advance(1);
    expect(calls.at(-1)).toEqual(['later', 31]);
  });

  test('takes timers along that are set meanwhile, by promises too', async () => {
    const system = createManualSystem();
    const times: number[] = [];
    const repeat = async () => {
      await Promise.resolve();
      times.push(system.monotonicMs());
      system.after(10, repeat);
    };
    system.after(10, repeat);
    await system.advance(35);
    expect(times).toEqual([10, 20, 30]);
  });

  test('lets promises settle when no time passes', async () => {
    const system = createManualSystem();
    let settled = false;
    const chain = async () => {
      for (let n = 0; n < 100; n++) await undefined;
      settled = true;
    };
    void chain();
    await system.advance(0);
    expect(settled).toBe(true);
  });

  test('gives the same chance and ids in every run, other ones for another seed', () => {
    const [a, b, c] = [createManualSystem(), createManualSystem(), createManualSystem({ seed: 2 })];
    const draw = (system: typeof a) => [system.random(), system.newId(), system.newId(), system.random()];
    const first = draw(a);
    expect(draw(b)).toEqual(first);
    expect(draw(c)).not.toEqual(first);
    for (let n = 0; n < 1_000; n++) expect(Math.floor(a.random())).toBe(0);
  });
});
