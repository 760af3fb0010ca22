import { describe, expect, it } from 'vitest';
import { createManualSystem } from '../memory/manual-system.ts';
import { startFetchWatchdog } from './fetch-watchdog.ts';

function watch() {
  const system = createManualSystem();
  const consumer = { idle: true, fetched: 0, stuck: 0 };
  const redis = { waiting: 1, away: false, asked: 0 };
  const end = startFetchWatchdog({
    system,
    isIdle: () => consumer.idle,
    fetched: () => consumer.fetched,
    waiting: async () => {
      redis.asked++;
      if (redis.away) throw new Error('away');
      return redis.waiting;
    },
    onStuck: () => consumer.stuck++,
  });
  return { system, consumer, redis, end };
}

describe('a fetch watchdog', () => {
  it('tells once, when jobs have waited for three looks and none was fetched', async () => {
    const { system, consumer } = watch();
    await system.advance(14_999);
    expect(consumer.stuck).toBe(0);
    await system.advance(1);
    expect(consumer.stuck).toBe(1);
    await system.advance(14_999);
    expect(consumer.stuck).toBe(1);
    await system.advance(1);
    expect(consumer.stuck).toBe(2);
  });

  it.each([
    ['nothing waits', ({ redis }) => Object.assign(redis, { waiting: 0 })],
    ['something runs', ({ consumer }) => Object.assign(consumer, { idle: false })],
    ['something was fetched', ({ consumer }) => Object.assign(consumer, { fetched: 1 })],
    ['Redis is away', ({ redis }) => Object.assign(redis, { away: true })],
    ['it has ended', ({ end }) => end()],
  ] satisfies [string, (scene: ReturnType<typeof watch>) => unknown][])('starts again when %s', async (_, happen) => {
    const scene = watch();
    await scene.system.advance(12_000);
    happen(scene);
    await scene.system.advance(3_000);
    scene.redis.waiting = 1;
    scene.redis.away = false;
    scene.consumer.idle = true;
    await scene.system.advance(14_000);
    expect(scene.consumer.stuck).toBe(0);
  });

  it('asks Redis nothing while the consumer is busy', async () => {
    const { system, consumer, redis } = watch();
    consumer.idle = false;
    await system.advance(60_000);
    expect(redis.asked).toBe(0);
  });
});
