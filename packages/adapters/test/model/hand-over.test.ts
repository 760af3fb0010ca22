import { describe, expect, test } from 'vitest';
import type { ForgetfulServer } from './forgetful-server.ts';
import { createWorld } from './model.ts';

/** What a broker apart may do to a hand-over of that age, and how soon (ms) it is made again. */
const losses: readonly { loss: string; ageMs: number; lose: (server: ForgetfulServer) => void; withinMs: number }[] = [
  { loss: 'a wipe, when it was confirmed', ageMs: 9_500, lose: (server) => server.wipe(), withinMs: 1_000 },
  { loss: 'a wipe, when it was fresh', ageMs: 500, lose: (server) => server.wipe(), withinMs: 1_000 },
  { loss: 'a failover that lost it', ageMs: 500, lose: (server) => server.failOver(), withinMs: 1_000 },
  { loss: 'its eviction, without a sign', ageMs: 9_500, lose: (server) => server.evict(0), withinMs: 6_000 },
];

const setUp = async () => {
  const world = createWorld({ broker: 'a broker apart', seed: 1, latency: () => 0 });
  // The check that the first life of the broker asks for is over then, and a sweep has just been.
  await world.system.advance(3_000);
  const submit = async () =>
    (await world.api.navette.submitRequest({ type: 'model.old', payload: { obeys: true } })).task;
  return { ...world, submit };
};

describe('a hand-over', () => {
  test.each(losses)('is made again after $loss', async ({ ageMs, lose, withinMs }) => {
    const { api, site, system, submit, quiesce } = await setUp();
    await api.navette.pause('main');
    const { id } = await submit();
    await system.advance(ageMs);
    expect(await api.navette.get(id)).toMatchObject({ state: 'queued', dispatch: 1 });
    lose(site.server as ForgetfulServer);
    await system.advance(withinMs);
    expect(await api.navette.get(id)).toMatchObject({ state: 'queued', dispatch: 2 });
    await quiesce();
  });

  test.each(['refusing', 'losing'] as const)('is made again by a fresh check, after a broker was %s', async (mood) => {
    const { api, site, system, submit, check, quiesce } = await setUp();
    site.mood = mood;
    const { id } = await submit();
    await check();
    site.mood = 'well';
    await system.advance(5_000);
    expect(await api.navette.get(id)).toMatchObject({ state: 'running', dispatch: 2 });
    await quiesce();
  });

  test('is made once, although its acknowledgement came too late', async () => {
    const { api, site, system, submit, check, quiesce } = await setUp();
    site.mood = 'late';
    const { id } = await submit();
    await check();
    site.mood = 'well';
    await system.advance(10_000);
    expect(await api.navette.get(id)).toMatchObject({ state: 'running', dispatch: 1, attempt: 1 });
    await quiesce();
  });
});
