// One set-up from its start to its tables, in a process of its own. argv[2]: JSON { name, seed, minutes, quick, keep }
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Audit } from './audit.mjs';
import { EmbeddedInstallation } from './embedded.mjs';
import { figuresOf, sum } from './figures.mjs';
import { Installation } from './installation.mjs';
import { startReaper } from './reaper.mjs';
import { reportOf } from './report.mjs';
import { doFaults } from './schedule.mjs';
import { watchDisk, watchStarvation } from './starvation.mjs';
import { problemsOf } from './verdict.mjs';

/** How long no task may come to its end, once nothing more is done to them, before what is open counts as lost, ms. */
const drainPatienceMs = 60_000;
/** What a worker logs whose settlement was refused. */
const lateResult = 'a late result was dropped: the attempt had been superseded';
const perSecond = { quick: 25, long: 40 };

const options = JSON.parse(process.argv[2]);
const startedAt = performance.now();
const seconds = () => (performance.now() - startedAt) / 1000;
const say = (text) => {
  process.stderr.write(`[${String(Math.round(seconds())).padStart(4)} s] ${options.name.padEnd(8)} ${text}\n`);
};
const print = (text) => process.stdout.write(`${text}\n`);

const folder = mkdtempSync(join(tmpdir(), `navette-chaos-${options.name}-`));
// PostgreSQL may not run as root, and must get in.
chmodSync(folder, 0o711);
const reaper = startReaper();
if (options.keep) say(`keeps its logs in ${folder}`);
else reaper.remove(folder);
const breakOff = async (why) => {
  say(`breaks off: ${why}`);
  await reaper.finish();
  process.exit(130);
};
process.once('SIGTERM', () => breakOff('it was told to'));
process.stdin
  .resume()
  .once('end', () => breakOff('whoever started it has gone'))
  .unref();

try {
  const figures = figuresOf(await run());
  await reaper.finish();
  const problems = problemsOf(figures, options.quick);
  print(`\n${reportOf(figures, problems)}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} catch (error) {
  await reaper.finish();
  print(`\n${options.name}: the run broke off: ${error.stack}`);
  process.exitCode = 1;
}

async function run() {
  const { name, seed, minutes, quick, keep } = options;
  const Kind = name === 'embedded' ? EmbeddedInstallation : Installation;
  const installation = new Kind({
    name,
    seed,
    quick,
    perSecond: perSecond[quick ? 'quick' : 'long'],
    folder,
    reaper,
    say,
  });
  say('starting');
  await installation.open();
  const { load } = installation;
  watchStarvation((starved) => installation.starvation.add('suite', starved));
  watchDisk(folder, (starved) => installation.starvation.add('disk', starved));
  load.start();
  await sleep(1_000);
  const done = await doFaults(installation, { quick, minutes, seed });
  await load.stop();
  say(`${load.accepted.length} accepted, waiting for their end`);
  await drain(installation);
  const overHttp = await installation.statesOverHttp();
  const audit = await installation.inspect((db) => Audit.read(db, installation.journal));
  await installation.close();
  if (keep) writeFileSync(join(folder, 'moves.json'), JSON.stringify(audit.allMoves));
  const refused = sum(installation.workers.map((place) => place.logged(lateResult)));
  const { starvation } = installation;
  return { name, audit, load, overHttp, refused, done, seconds: seconds(), starvation };
}

/** Waits for the end of all tasks; what is still open when nothing ends any more is what the audit finds lost. */
async function drain(installation) {
  let [open, changedAt] = [Number.POSITIVE_INFINITY, performance.now()];
  while (open > 0 && performance.now() - changedAt < drainPatienceMs) {
    const now = await installation.openTasks().catch(() => open);
    if (now < open) [open, changedAt] = [now, performance.now()];
    await sleep(50);
  }
  if (open > 0) say(`${open} tasks do not end`);
}
