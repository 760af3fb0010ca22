import { setTimeout as sleep } from 'node:timers/promises';
import { apart, under } from './fault.mjs';

/** SIGKILL for the whole server; API and a worker start while it is away, and wait for it. @type {import('./fault.mjs').Fault} */
export const killPostgres = {
  name: 'kill PostgreSQL, start others first',
  setUps: apart,
  effect: '503 meanwhile',
  breaksLeases: true,
  run: async (installation, chance) => {
    const { postgres, load, api } = installation;
    const place = await installation.borrowBusyWorker(chance);
    await place.stop();
    const effect = await under(load, 'PostgreSQL away', 'unavailable', async () => {
      await Promise.all([postgres.kill(), api.kill()]);
      await Promise.all([place.start('listening'), api.start('listening')]);
      await sleep(1_500);
      await postgres.start();
    });
    place.borrowed = false;
    return { backAt: Date.now(), effect };
  },
};
