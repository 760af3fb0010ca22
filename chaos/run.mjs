// The fault suite: real processes on private servers, a seeded mix of work, a seeded schedule of faults, and an audit.
// This file is its command line; every set-up runs in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const setUps = ['store', 'redis', 'embedded'];
const usage = `npm run chaos -- [--quick] [--setup NAME] [--minutes N] [--seed N] [--keep]

  --quick       nearly every fault once, two set-ups at the same time; about a minute and a half;
                answers may take twice as long as otherwise
  --setup NAME  ${setUps.join(', ')} or all (default all)
  --minutes N   how long faults are done to each set-up (default 10)
  --seed N      the same submissions and the same schedule again (default: by the clock)
  --keep        leave the folders with the logs and the moves of all tasks

Needs redis-server, and initdb and postgres, on the path or where Debian keeps them. Ends with 0 if nothing was lost.
`;
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    setup: { type: 'string', default: 'all' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const chosen = flags.setup === 'all' ? setUps : setUps.filter((name) => name === flags.setup);
const [minutes, seed] = [Number(flags.minutes), Number(flags.seed)];
if (chosen.length === 0 || !(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write(usage);
  process.exit(2);
}

const root = fileURLToPath(new URL('../', import.meta.url));
const built = ['app-api', 'app-worker', 'app-standalone'].map((app) => join(root, 'packages', app, 'dist', 'main.js'));
if (!built.every((main) => existsSync(main))) {
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) child.kill('SIGTERM');
  });
}

/** Runs one set-up and prints what it has to say; whether all was well. */
async function runSetUp(name) {
  const options = JSON.stringify({ name, seed, minutes, quick: flags.quick, keep: flags.keep });
  const child = spawn(process.execPath, [fileURLToPath(new URL('set-up-run.mjs', import.meta.url)), options], {
    // It ends when its input does: with this process, however that ends.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running.add(child);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  running.delete(child);
  process.stdout.write(said);
  return code === 0;
}

const outcomes = [];
const lanes = flags.quick ? [['redis'], ['store', 'embedded']] : [setUps];
const runLane = async (lane) => {
  for (const name of lane) if (chosen.includes(name)) outcomes.push(await runSetUp(name));
};
await Promise.all(lanes.map(runLane));
const passed = outcomes.filter(Boolean).length;
const again = `${flags.quick ? '--quick' : `--minutes ${minutes}`} --setup ${flags.setup} --seed ${seed}`;
process.stdout.write(`\nThe same again: npm run chaos -- ${again}\n`);
process.stdout.write(`${passed} passed, ${outcomes.length - passed} failed\n`);
process.exitCode = passed === outcomes.length ? 0 : 1;
