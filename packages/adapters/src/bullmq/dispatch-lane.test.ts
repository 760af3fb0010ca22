import type { Dispatch } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { createManualSystem } from '../memory/manual-system.ts';
import { createDispatchLane } from './dispatch-lane.ts';

const handOvers = (count: number, from = 0): Dispatch[] =>
  Array.from({ length: count }, (_, i) => ({ taskId: `t${from + i}`, dispatch: 1, queue: 'q', priority: 'normal' }));

/** A lane whose sends end when the test says so. */
function openLane() {
  const system = createManualSystem();
  const sent: { size: number; end(error?: Error): Promise<void> }[] = [];
  const lane = createDispatchLane({
    system,
    deadlineMs: 800,
    send: (dispatches) =>
      new Promise<void>((resolve, reject) => {
        sent.push({
          size: dispatches.length,
          end: async (error) => {
            if (error) reject(error);
            else resolve();
            await system.advance(0);
          },
        });
      }),
  });
  return { lane, system, sent, sizes: () => sent.map(({ size }) => size) };
}

describe('a dispatch lane', () => {
  it('sends together what comes in one breath, at once while few are on their way, and gathers while more are', async () => {
    const { lane, system, sent, sizes } = openLane();
    const first = Promise.all([lane.add(handOvers(1)), lane.add(handOvers(2, 1))]);
    await system.advance(0);
    expect(sizes()).toEqual([3]);
    const second = lane.add(handOvers(1, 3));
    await system.advance(0);
    expect(sizes()).toEqual([3, 1]);
    const others = Promise.all([lane.add(handOvers(1, 4)), lane.add(handOvers(2, 5))]);
    await system.advance(0);
    const last = lane.add(handOvers(1, 7));
    await system.advance(0);
    expect(sizes()).toEqual([3, 1]);
    await sent[0]?.end();
    await first;
    expect(sizes()).toEqual([3, 1, 4]);
    await sent[2]?.end();
    await Promise.all([others, last]);
    await sent[1]?.end();
    await second;
    await lane.add([]);
    await lane.idle();
    expect(sizes()).toEqual([3, 1, 4]);
  });

  it('bounds a batch', async () => {
    const { lane, system, sent, sizes } = openLane();
    const all = Promise.all(Array.from({ length: 1_201 }, (_, i) => lane.add(handOvers(1, i))));
    await system.advance(0);
    expect(sizes()).toEqual([500, 500]);
    for (let i = 0; i < 3; i++) await sent[i]?.end();
    await all;
    expect(sizes()).toEqual([500, 500, 201]);
  });

  it('fails every caller of a batch that failed, and sends the next', async () => {
    const { lane, system, sent } = openLane();
    const [first, second] = [lane.add(handOvers(1)), lane.add(handOvers(1, 1))];
    await system.advance(0);
    const third = lane.add(handOvers(1, 2));
    const cause = new Error('half of it was stored');
    const refusals = Promise.all([
      expect(first).rejects.toMatchObject({ code: 'broker_unavailable', cause }),
      expect(second).rejects.toMatchObject({ code: 'broker_unavailable', cause }),
    ]);
    await sent[0]?.end(cause);
    await refusals;
    await sent[1]?.end();
    await third;
    const next = lane.add(handOvers(1, 3));
    await system.advance(0);
    await sent[2]?.end();
    await next;
  });

  it('refuses at the deadline, whether on its way or still waiting; what waited is not sent any more', async () => {
    const { lane, system, sent, sizes } = openLane();
    const refusals = [];
    for (const size of [1, 2, 3]) {
      refusals.push(expect(lane.add(handOvers(size))).rejects.toMatchObject({ code: 'broker_unavailable' }));
      await system.advance(0);
    }
    await system.advance(800);
    await Promise.all(refusals);
    await sent[0]?.end();
    await sent[1]?.end();
    await lane.idle();
    expect(sizes()).toEqual([1, 2]);
    const next = lane.add(handOvers(2, 4));
    await system.advance(0);
    await sent[2]?.end();
    await next;
    expect(sizes()).toEqual([1, 2, 2]);
  });

  it('does not gather without limit', async () => {
    const { lane, system, sent } = openLane();
    const first = lane.add(handOvers(1));
    await system.advance(0);
    const secondRefusal = expect(lane.add(handOvers(1))).rejects.toMatchObject({ code: 'broker_unavailable' });
    await system.advance(0);
    const waiting = Array.from({ length: 20 }, (_, i) => lane.add(handOvers(500, i * 500)));
    await expect(lane.add(handOvers(1, 10_000))).rejects.toMatchObject({ code: 'broker_unavailable' });
    const refused = Promise.allSettled(waiting);
    await sent[0]?.end();
    await first;
    // One batch has left: there is room for as many again.
    const late = lane.add(handOvers(500, 10_000));
    const lateRefusal = expect(late).rejects.toMatchObject({ code: 'broker_unavailable' });
    await system.advance(800);
    await secondRefusal;
    expect((await refused).map(({ status }) => status)).not.toContain('fulfilled');
    await lateRefusal;
  });
});
