// A worker to be measured, with a steward or with one that never asks anybody anything. argv[2]: JSON
import { setTimeout as sleep } from 'node:timers/promises';
import { createNavette, defineTask } from '@navette/adapters';
import { createBullmqBroker } from '@navette/adapters/bullmq';
import { openPostgres } from '@navette/adapters/postgres';
import { createSystem } from '@navette/adapters/system';

const { databaseUrl, redisUrl, withSteward } = JSON.parse(process.argv[2]);
const anything = { '~standard': { version: 1, vendor: 'navette-chaos', validate: (value) => ({ value }) } };
const task = defineTask({ type: 'nothing', payload: anything, handler: () => null });
const concurrency = 100;
const lookEveryMs = 2;

const opened = openPostgres({ connectionString: databaseUrl });
await opened.ready;
const broker = redisUrl ? createBullmqBroker({ redisUrl }) : opened.broker;
const { store, events } = opened;
const idleUpkeep = {
  ...store.upkeep,
  promoteDue: async () => ({ promoted: [], nextDueInMs: null }),
  recoverLost: async () => [],
  expire: async () => [],
};
const parts = withSteward
  ? { store, broker }
  : { store: { ...store, upkeep: idleUpkeep }, broker: { ...broker, audit: undefined } };
const navette = createNavette({ ...parts, events, system: createSystem(), tasks: [task] });
let worker;

process.on('message', async ({ fill, work, until }) => {
  if (fill) {
    while (!(await broker.healthy())) await sleep(lookEveryMs);
    for (let n = 0; n < fill; n += 1_000) {
      await navette.submitMany(Array.from({ length: 1_000 }, (_, i) => ({ type: task, payload: n + i })));
    }
  }
  if (work) {
    worker = navette.work({ queues: { default: concurrency } });
    await worker.ready;
  }
  while (until && worker.status().ended < until) await sleep(lookEveryMs);
  process.send('done');
});
process.once('disconnect', async () => {
  await navette.close();
  process.exit(0);
});
process.send('ready');
