// One side with much in it: submission and processing on top of it, and what that takes of memory and disk.
import { startLoad } from '../http/measure-load.mjs';
import { startService } from '../http/service.mjs';
import { retire, startSide } from '../workers.mjs';
import { workOff, workOffAll } from './work-off.mjs';

/** Each side at about its best. */
const concurrencyOf = { 'graphile-worker-batched': 24 };
const byDefault = 300;

/**
 * A backlog of which a part is worked off, and in turn with it a small one in a second place on the same servers: both
 * fall into the same minutes of the machine, and what is timed differs by nothing but what else waits.
 * @param plan waiting: how many tasks wait when the last part begins; history: how many have ended; part: how many tasks
 *   are timed, the whole of the small backlog; warmUp: how many more a worker does before, since one that has only just
 *   begun is slower; turns: how often; besideSmall: whether there is a small one; through: whether all that is left is
 *   worked off in the end; overHttp: whether the side is a service, too; pages: what else is to be measured while all is
 *   there, answers with samples
 * @returns samples: `large`, one per turn, as many of `small`, and the `further` ones
 */
export async function measureGrowth(servers, plan) {
  const { side, waiting, history, part, warmUp, turns } = plan;
  const worker = { side, concurrency: concurrencyOf[side] ?? byDefault };
  const taken = (turns - 1) * (warmUp + part);
  const { submitted, ...state } = await prepare(servers, { ...plan, waiting: waiting + taken });
  const further = await plan.pages();
  const small = [];
  const large = [];
  for (let turn = 0; turn < turns; turn++) {
    if (plan.besideSmall) small.push(await measureSmall(servers.beside, plan, worker));
    large.push(await workOff(servers, { ...worker, part, before: warmUp + (turn === 0 ? submitted : 0) }));
  }
  if (plan.besideSmall) Object.assign(small[0], await prepareBeside(servers.beside, plan));
  Object.assign(large[0], state);
  if (plan.through) {
    const { perSecond, diskBytes, memory, heapMb } = await workOffAll(servers, worker);
    const leftBytesPerTask = diskBytes && diskBytes / (waiting + taken + warmUp + submitted + history);
    Object.assign(large[0], { throughPerSecond: perSecond, memory, heapMb, leftBytesPerTask });
  }
  return { small, large, further };
}

async function measureSmall(servers, { side, part, warmUp }, worker) {
  await servers.clean();
  await filling(servers, side, (filler) => filler.call('fill', part + warmUp));
  return workOff(servers, { ...worker, part, before: warmUp });
}

/** What is measured of the small backlog but its end. */
async function prepareBeside(servers, { part, ...plan }) {
  await servers.clean();
  const { submitted, ...state } = await prepare(servers, { ...plan, waiting: part, history: 0 });
  return state;
}

/** Fills a side, and submits on top of that, in process and over HTTP. */
async function prepare(servers, { side, waiting, history, warmUp, seconds, overHttp }) {
  const filled = await filling(servers, side, async (filler) => {
    const sizes = await fill(servers, filler, { waiting: waiting + warmUp, history });
    const warm = await filler.call('submitSingle', { lanes: 16, seconds: seconds / 2 });
    const { count, perSecond } = await filler.call('submitSingle', { lanes: 64, seconds });
    return { ...sizes, submittedPerSecond: perSecond, submitted: warm.count + count };
  });
  return { ...filled, ...(overHttp && (await measurePosting(servers, side, seconds))) };
}

/** Starts a process that fills the side, for `use`. */
async function filling(servers, side, use) {
  const filler = startSide(servers, side);
  try {
    await filler.call('open');
    return await use(filler);
  } finally {
    await retire(filler);
  }
}

async function fill(servers, filler, { waiting, history }) {
  const [empty, emptyRedis] = [await filler.call('bytes'), await servers.redisBytes()];
  if (history > 0) await filler.call('fillHistory', history);
  await filler.call('fill', waiting);
  await filler.call('tidy');
  await servers.settle();
  const [full, fullRedis] = [await filler.call('bytes'), await servers.redisBytes()];
  return {
    diskBytesPerTask: full && (full - empty) / (waiting + history),
    redisBytesPerTask: (fullRedis - emptyRedis) / waiting,
  };
}

/** Into another queue than the one that waits. */
async function measurePosting(servers, side, seconds) {
  const service = await startService(servers, side);
  const load = startLoad(servers, service);
  const plan = { path: '/submit-task', body: JSON.stringify({ type: 'demo.echo', payload: { n: 1 } }) };
  try {
    await load.play({ ...plan, connections: 16, seconds: seconds / 2 });
    const { perSecond, p99Ms, rssMb } = await load.play({ ...plan, connections: 64, seconds });
    return { postedPerSecond: perSecond, postedP99Ms: p99Ms, serverMb: rssMb };
  } finally {
    await Promise.all([load.stop(), service.stop()]);
  }
}
