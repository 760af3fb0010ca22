import fc from 'fast-check';
import { serverMoods } from '../forgetful-server.ts';
import { typeNames } from '../handlers.ts';
import type { World } from '../model.ts';
import type { WorkerProcess } from '../process.ts';
import { anyPick, type Command, command, nothing, picked } from './command.ts';

const maxWorkers = 3;

const startWorker = command(
  'a worker starts',
  fc.record({
    skewMs: fc.constantFrom(0, -60_000, 60_000),
    types: fc.constantFrom(typeNames, typeNames, ['model.old'] as const),
  }),
  (world, options) => world.startWorker(options),
  ({ workers }) => workers.length < maxWorkers,
);

/** What happens to one worker that is in such a condition. */
function toWorker(
  name: string,
  isFit: (worker: WorkerProcess) => boolean,
  happen: (worker: WorkerProcess, world: World) => unknown,
): fc.Arbitrary<Command> {
  return command(
    name,
    anyPick,
    (world, pick) => happen(picked(world.workers.filter(isFit), pick), world),
    ({ workers }) => workers.some(isFit),
  );
}

const isAlive = ({ link }: WorkerProcess) => link.life === 'alive';
const leave = (worker: WorkerProcess, { workers }: World) => void workers.splice(workers.indexOf(worker), 1);

const kill = toWorker(
  'a worker is killed',
  () => true,
  (worker, world) => {
    worker.link.kill();
    leave(worker, world);
  },
);
const stop = toWorker('a worker is told to stop', isAlive, (worker, world) => {
  void worker.worker.stop().then(() => leave(worker, world));
});
const freeze = toWorker('a worker freezes', isAlive, ({ link }) => link.freeze());
const thaw = toWorker(
  'a worker thaws',
  ({ link }) => link.life === 'frozen',
  ({ link }) => link.thaw(),
);
const cut = toWorker(
  'a worker is cut off the store',
  ({ link }) => !link.cut,
  ({ link }) => {
    link.cut = true;
  },
);
const reconnect = toWorker(
  'a worker reaches the store again',
  ({ link }) => link.cut,
  ({ link }) => {
    link.cut = false;
  },
);

const stepClock = command('the clock steps forward', fc.integer({ min: 1, max: 20_000 }), ({ stepClock }, ms) =>
  stepClock(ms),
);

const loseReply = command(
  'a reply will be lost:',
  fc.tuple(fc.constantFrom('claim', 'settle', 'renew', 'promoteDue', 'recoverLost', 'redispatch', 'confirm'), anyPick),
  ({ workers }, [call, pick]) => {
    const { losing } = picked(workers, pick).link;
    for (const name of call === 'claim' ? ['claim', 'dequeue'] : [call]) losing.add(name);
  },
  ({ workers }) => workers.length > 0,
);

const mood = command('the broker is', fc.constantFrom(...serverMoods, 'well', 'well'), (world, value) => {
  world.site.mood = value;
});

const hasServer = ({ site }: World) => site.server !== undefined;
const wipe = command('the broker is wiped', nothing, ({ site }) => site.server?.wipe(), hasServer);
const failOver = command('the broker fails over', nothing, ({ site }) => site.server?.failOver(), hasServer);
const evict = command('the broker evicts', anyPick, ({ site }, n) => site.server?.evict(n), hasServer);
const redeliver = command('the broker redelivers', anyPick, ({ site }, n) => site.server?.redeliver(n), hasServer);
const reorder = command('the broker reorders', anyPick, ({ site }, n) => site.server?.reorder(n), hasServer);

/** What goes wrong, and how often. */
export const faults: fc.WeightedArbitrary<Command>[] = [
  { weight: 3, arbitrary: startWorker },
  { weight: 2, arbitrary: kill },
  { weight: 1, arbitrary: stop },
  { weight: 2, arbitrary: freeze },
  { weight: 3, arbitrary: thaw },
  { weight: 1, arbitrary: cut },
  { weight: 2, arbitrary: reconnect },
  { weight: 1, arbitrary: stepClock },
  { weight: 2, arbitrary: loseReply },
  { weight: 2, arbitrary: mood },
  { weight: 1, arbitrary: wipe },
  { weight: 1, arbitrary: failOver },
  { weight: 1, arbitrary: evict },
  { weight: 2, arbitrary: redeliver },
  { weight: 1, arbitrary: reorder },
];
