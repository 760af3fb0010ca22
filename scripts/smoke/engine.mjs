// The Docker engine at hand, and on it this run's own image, Compose project and containers.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { counts, eventually, giveUp } from './checks.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Names this run's image and its Compose project, and begins the name of everything else that it makes. */
export const PROJECT = `navette-smoke-${randomBytes(4).toString('hex')}`;

/** The API key's secret. */
export const SECRET = randomBytes(24).toString('hex');

/** What the stack is started with: a free port, an image and keys of its own, a password that no URL would survive. */
const SETTINGS = {
  NAVETTE_IMAGE: PROJECT,
  NAVETTE_API_KEYS: `smoke:${SECRET}`,
  POSTGRES_PASSWORD: `p@ss/w:rd?#%1 ${SECRET}`,
  PORT: '0',
};

/** The caller's environment without what would change the stack. */
const OUTER = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(NAVETTE_|COMPOSE_|POSTGRES_PASSWORD$|PORT$|LOG_LEVEL$)/.test(name),
  ),
);

/**
 * Runs `docker` and gives its exit code and output; a code other than 0 throws unless `allowFailure` is set.
 * Cleaning up passes `signal: null`, because it must also run after an abort.
 */
export async function docker(args, { env = SETTINGS, allowFailure = false, signal = giveUp } = {}) {
  signal?.throwIfAborted();
  const child = spawn('docker', args, { cwd: ROOT, env: { ...OUTER, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', kill, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  signal?.removeEventListener('abort', kill);
  signal?.throwIfAborted();
  if (code !== 0 && !allowFailure) {
    throw new Error(`docker ${args.slice(0, 8).join(' ')} exited with ${code}\n${output.slice(-3000)}`);
  }
  return { code, output: output.trim() };
}

/** Runs `docker compose` on this run's own project; `/dev/null` keeps a developer's `.env` out. */
export function compose(args, options) {
  const project = ['--ansi=never', `--project-name=${PROJECT}`, '--env-file=/dev/null', '--file=docker-compose.yml'];
  return docker(['compose', ...project, ...args], options);
}

/** Brings the stack up; the URL of the API. */
export async function bringUp() {
  await compose(['up', '--detach', '--no-build', '--wait', '--wait-timeout', '180']);
  return `http://${(await compose(['port', 'api', '3000'])).output}`;
}

/** Brings the wanted number of workers about, and leaves the other containers as they are. */
export const scaleWorkers = (wanted) =>
  compose(['up', '--detach', '--no-build', '--no-recreate', '--scale', `worker=${wanted}`, 'worker']);

/** The ids of a service's running containers. */
export const containers = async (service) =>
  (await compose(['ps', '--quiet', service])).output.split('\n').filter(Boolean);

/** Waits for a service to have the wanted number of healthy containers. */
export const healthy = (service, wanted) =>
  eventually(`${wanted} healthy ${service}`, 90_000, async () => {
    const ids = await containers(service);
    const { output } = await docker(['inspect', '--format', '{{.State.Health.Status}}', ...ids]);
    return output.split('\n').filter((status) => status === 'healthy').length === wanted;
  });

/** What stopped containers ended with. */
export async function exitCodes(ids) {
  const { output } = await docker(['inspect', '--format', '{{.State.ExitCode}}', ...ids]);
  return output.split('\n').map(Number);
}

/** Removes everything that this run made; after a failure the containers' last words are shown first. */
export async function takeDown() {
  const always = { signal: null, allowFailure: true };
  const names = ['--all', '--quiet', '--filter', `name=^${PROJECT}-alone`];
  const alone = (await docker(['ps', ...names], always)).output.split('\n').filter(Boolean);
  if (counts.failed) {
    const said = [
      await compose(['ps', '--all'], always),
      await compose(['logs', '--no-color', '--tail', '60'], always),
    ];
    for (const id of alone) said.push(await docker(['logs', '--tail', '60', id], always));
    console.log(said.map(({ output }) => output.replace(/^/gm, '    ')).join('\n'));
  }
  if (alone.length > 0) await docker(['rm', '--force', ...alone], always);
  await docker(['volume', 'rm', '--force', `${PROJECT}-alone`], always);
  await compose(['down', '--volumes', '--remove-orphans', '--timeout', '5'], always);
  await docker(['image', 'rm', '--force', PROJECT], always);
}
