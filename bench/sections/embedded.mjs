// The app that needs nothing installed: how fast it starts, and what passes through it over HTTP.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../http/measure-load.mjs';
import { startService } from '../http/service.mjs';

const side = 'navette-embedded';

export const embedded = {
  name: 'embedded',
  title: 'Embedded: nothing installed',
  about: 'the standalone app: its start, and tasks from submitted over HTTP to completed',
  sides: [side],
  phases: [measure],
};

function measure({ quick, sides, rounds }) {
  return sides.map(() => ({
    id: 'embedded',
    side,
    rounds,
    figures: ['fresh start', 'through', 'start again'].map((what) => ({
      id: `embedded ${what}`,
      section: 'embedded',
      side,
      what,
    })),
    run: (servers) => measureEmbedded(servers, quick ? 0.5 : 4),
  }));
}

async function measureEmbedded(servers, seconds) {
  const dataDir = join(await mkdtemp(join(servers.folder, 'standalone-')), 'data');
  const fresh = await startService(servers, side, { dataDir });
  const load = startLoad(servers, fresh);
  let through;
  try {
    through = await measureThrough(load, fresh, seconds);
  } finally {
    await Promise.all([load.stop(), fresh.stop()]);
  }
  const again = await startService(servers, side, { dataDir });
  await again.stop();
  return [{ readyMs: fresh.readyMs }, through, { readyMs: again.readyMs }];
}

/** Tasks per second, from the first submission until the last one has ended. */
async function measureThrough(load, service, seconds) {
  const plan = { path: '/submit-task', body: JSON.stringify({ type: 'demo.echo', payload: { n: 1 } }) };
  const warmUp = await load.play({ ...plan, connections: 16, seconds: seconds / 4 });
  await untilEnded(service, warmUp.count);
  const startedAt = performance.now();
  const { count, perSecond, ...sample } = await load.play({ ...plan, connections: 64, seconds });
  await untilEnded(service, warmUp.count + count);
  return { perSecond: (count * 1000) / (performance.now() - startedAt), submittedPerSecond: perSecond, ...sample };
}

async function untilEnded({ port }, count) {
  for (;;) {
    const { items } = await (await fetch(`http://127.0.0.1:${port}/queues`)).json();
    if (items.reduce((sum, { counts }) => sum + counts.completed, 0) >= count) return;
    await sleep(50);
  }
}
