import { defineTask, silentLog } from '@navette/domain';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type ContainerSettings, createContainer, createShutdownList, type ShutdownList, tokens } from './container.ts';

// Nothing listens there: a container is put together whether or not its servers can be reached.
const DATABASE_URL = 'postgres://navette@127.0.0.1:1/navette';
const REDIS_URL = 'redis://127.0.0.1:1';

const echo = defineTask({ type: 'echo', queue: 'media', payload: z.null(), handler: () => null });
let shutdown: ShutdownList;

function compose(settings: Partial<ContainerSettings>, fail: (error: unknown) => void = () => {}) {
  shutdown = createShutdownList(silentLog);
  const all = { DATABASE_URL, REDIS_URL: undefined, NAVETTE_IDEMPOTENCY_DAYS: 7, ...settings };
  return createContainer({ settings: all, log: silentLog, shutdown, fail, tasks: [echo] });
}

afterEach(() => shutdown.run());

it('makes each part once, and a container of its own each time', async () => {
  const container = await compose({});
  const navette = container.resolve(tokens.navette);
  expect(container.resolve(tokens.navette)).toBe(navette);
  expect(container.resolve(tokens.store)).toBe(container.resolve(tokens.store));
  await shutdown.run();
  expect((await compose({})).resolve(tokens.navette)).not.toBe(navette);
});

it('has the store as the queue without Redis', async () => {
  const container = await compose({});
  expect(container.resolve(tokens.broker).audit).toBeUndefined();
  expect(container.resolve(tokens.rawQueues)).toEqual([]);
});

it('has BullMQ as the broker with Redis, and shows its queues', async () => {
  const container = await compose({ REDIS_URL });
  expect(container.resolve(tokens.broker).audit).toBeDefined();
  expect(container.resolve(tokens.rawQueues).map(({ name }) => name)).toEqual(['media']);
});

it('is not healthy while the store is away', async () => {
  const container = await compose({});
  expect(await container.resolve(tokens.store).healthy()).toBe(false);
});

it('tells nobody that the store was closed before it was reached', async () => {
  const container = await compose({});
  const settled = vi.fn();
  container.resolve(tokens.ready).then(settled, settled);
  await shutdown.run();
  await new Promise(setImmediate);
  expect(settled).not.toHaveBeenCalled();
});
