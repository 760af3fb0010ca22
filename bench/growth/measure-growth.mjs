// One side with much in it: submission and processing on top of it, and what that takes of memory and disk.
import { startLoad } from '../http/measure-load.mjs';
import { startService } from '../http/service.mjs';
import { retire, startSide } from '../workers.mjs';
import { workOff } from './work-off.mjs';

/** Each side at about its best. */
const concurrencyOf = { 'graphile-worker-batched': 24 };
const byDefault = 300;

/**
 * @param waiting how many tasks wait, `history`: how many have ended, when the time is taken
 * @param warmUp how many more are worked off before: a worker that has only just begun is slower
 * @param through whether all that waits is worked off; else for `limitMs`
 * @param overHttp whether the side is a service, too
 * @param pages what else is to be measured while all is there; answers with further samples
 */
export async function measureGrowth(servers, { side, waiting, history, warmUp, seconds, overHttp, pages, ...limits }) {
  const filler = startSide(servers, side);
  let sizes;
  let submission;
  try {
    await filler.call('open');
    sizes = await fill(servers, filler, { waiting: waiting + warmUp, history });
    const warm = await filler.call('submitSingle', { lanes: 16, seconds: seconds / 2 });
    submission = await filler.call('submitSingle', { lanes: 64, seconds });
    submission.count += warm.count;
  } finally {
    await retire(filler);
  }
  const posted = overHttp ? await measurePosting(servers, side, seconds) : {};
  const further = await pages();
  const concurrency = concurrencyOf[side] ?? byDefault;
  const before = warmUp + submission.count;
  const { diskBytes, ...worked } = await workOff(servers, { side, concurrency, waiting, before, ...limits });
  const left = limits.through && diskBytes && { leftBytesPerTask: diskBytes / (before + waiting + history) };
  return [{ ...worked, ...sizes, ...posted, ...left, submittedPerSecond: submission.perSecond }, ...further];
}

async function fill(servers, filler, { waiting, history }) {
  const [empty, emptyRedis] = [await filler.call('bytes'), await servers.redisBytes()];
  if (history > 0) await filler.call('fillHistory', history);
  await filler.call('fill', waiting);
  await filler.call('tidy');
  await servers.rewriteLog();
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
