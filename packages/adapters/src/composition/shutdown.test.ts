import { silentLog } from '@navette/domain';
import { expect, it, vi } from 'vitest';
import { createShutdownList } from './shutdown.ts';

const longMs = 60_000;

it('stops one thing after another, the last added first', async () => {
  const shutdown = createShutdownList(silentLog);
  const order: string[] = [];
  const step = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise(setImmediate);
    order.push(`${name} ends`);
  };
  shutdown.add('store', longMs, step('store'));
  shutdown.add('worker', longMs, step('worker'));
  await shutdown.run();
  expect(order).toEqual(['worker begins', 'worker ends', 'store begins', 'store ends']);
});

it('goes on after a step that fails or hangs, and says so', async () => {
  const log = { ...silentLog, warn: vi.fn(), error: vi.fn() };
  const shutdown = createShutdownList(log);
  const last = vi.fn();
  shutdown.add('last', longMs, last);
  shutdown.add('failing', longMs, () => {
    throw new Error('no');
  });
  shutdown.add('hanging', 1, () => new Promise(() => {}));
  await shutdown.run();
  expect(last).toHaveBeenCalledOnce();
  expect(log.error).toHaveBeenCalledWith(expect.objectContaining({ step: 'failing' }), expect.any(String));
  expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ step: 'hanging' }), expect.any(String));
});

it('runs once, and takes up what is added meanwhile', async () => {
  const shutdown = createShutdownList(silentLog);
  const late = vi.fn();
  const first = vi.fn(() => shutdown.add('late', longMs, late));
  shutdown.add('first', longMs, first);
  await Promise.all([shutdown.run(), shutdown.run()]);
  expect(first).toHaveBeenCalledOnce();
  expect(late).toHaveBeenCalledOnce();
});
