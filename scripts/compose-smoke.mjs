// The Compose stack, as a user meets it: built, started, called on its published port, scaled, robbed of its parts, taken down.
// Needs a Docker engine with Compose v2 and nothing else. Prints a line per check and ends with `N passed, N failed`.
// Where the engine has a network namespace of its own, run the whole script inside that namespace.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROJECT = `navette-smoke-${randomBytes(4).toString('hex')}`;
const SECRET = randomBytes(24).toString('hex');
const TOTAL_MS = 10 * 60_000;

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

const stopping = new AbortController();
setMaxListeners(0, stopping.signal); // one listener per call under way
const aborted = (reason) => stopping.abort(new Error(reason));
process.on('SIGINT', () => aborted('interrupted'));
process.on('SIGTERM', () => aborted('terminated'));
const deadline = setTimeout(() => aborted(`not finished after ${TOTAL_MS / 60_000} minutes`), TOTAL_MS);

/**
 * Runs `docker` and gives its exit code and output; a code other than 0 throws unless `allowFailure` is set.
 * Cleaning up passes `signal: null`, because it must also run after an abort.
 */
async function docker(args, { env = SETTINGS, allowFailure = false, signal = stopping.signal } = {}) {
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

/** This run's own project; `/dev/null` keeps a developer's `.env` out. */
const COMPOSE = ['compose', '--ansi=never', `--project-name=${PROJECT}`, '--env-file=/dev/null'];
const compose = (args, options) => docker([...COMPOSE, '--file=docker-compose.yml', ...args], options);

/** The ids of a service's running containers. */
const containers = async (service) => (await compose(['ps', '--quiet', service])).output.split('\n').filter(Boolean);

/** How many containers of a service are healthy, asked until it is the wanted number. */
const healthy = (service, wanted) =>
  eventually(`${wanted} healthy ${service}`, 90_000, async () => {
    const ids = await containers(service);
    const { output } = await docker(['inspect', '--format', '{{.State.Health.Status}}', ...ids]);
    return output.split('\n').filter((status) => status === 'healthy').length === wanted;
  });

async function eventually(what, timeoutMs, probe) {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(200, undefined, { signal: stopping.signal });
  }
}

let origin = '';

/** One call to the published port: the answer with its parsed body and the time it took. */
async function http(method, path, { body, authorization = `Bearer ${SECRET}`, timeoutMs = 70_000 } = {}) {
  const started = performance.now();
  const response = await fetch(origin + path, {
    method,
    headers: { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
    ms: performance.now() - started,
  };
}

async function submit(type, payload, options = {}) {
  const answer = await http('POST', '/submit-task', { body: { type, payload, ...options } });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  assert.equal(answer.headers.get('location'), `/tasks/${answer.body.id}`);
  return answer.body.id;
}

const read = async (id, wait) => {
  const answer = await http('GET', `/tasks/${id}${wait ? `?wait=${wait}` : ''}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

/** The task once it has ended: asks again while it is under way. */
const ended = (id, timeoutMs = 60_000) =>
  eventually(`task ${id} ended`, timeoutMs, async () => {
    const task = await read(id, 30);
    return task.finishedAt && task;
  });

const outcomes = (task) => task.attempts.map((attempt) => attempt.outcome);

let passed = 0;
let failed = 0;

/** One named check. The first failure ends the run: everything after it stands on it. */
async function check(name, run) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const note = await run();
    passed += 1;
    console.log(`ok    ${name}${note ? `: ${note}` : ''} (${seconds()})`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name} (${seconds()})`);
    throw error;
  }
}

async function smoke() {
  await check('a Docker engine with Compose v2 answers', async () => {
    const engine = await docker(['version', '--format', '{{.Server.Version}}']);
    const version = await docker(['compose', 'version', '--short']);
    return `engine ${engine.output}, Compose ${version.output}`;
  });

  await check('without API keys it refuses and says what to set', async () => {
    const { code, output } = await compose(['config', '--quiet'], { env: {}, allowFailure: true });
    assert.notEqual(code, 0);
    assert.match(output, /NAVETTE_API_KEYS=/);
  });

  await check('the image builds', async () => {
    await compose(['build']);
  });

  await check('the image holds no sources and no dev dependencies, and does not run as root', async () => {
    const script = `
      const { existsSync, readdirSync } = require('node:fs');
      const unwanted = ['node_modules/typescript', 'node_modules/vitest', 'node_modules/turbo', 'turbo.json']
        .concat(readdirSync('packages').map((name) => 'packages/' + name + '/src')).filter((path) => existsSync(path));
      console.log(JSON.stringify({ unwanted, uid: process.getuid(), env: process.env.NODE_ENV }));`;
    const { output } = await docker(['run', '--rm', '--network', 'none', PROJECT, 'node', '-e', script]);
    const { unwanted, uid, env } = JSON.parse(output);
    assert.deepEqual(unwanted, []);
    assert.notEqual(uid, 0);
    assert.equal(env, 'production');
  });

  await check('the stack comes up healthy', async () => {
    await compose(['up', '--detach', '--no-build', '--wait', '--wait-timeout', '180']);
    origin = `http://${(await compose(['port', 'api', '3000'])).output}`;
    assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/);
    return origin;
  });

  await check('health is open, ready and says so on the published port', async () => {
    const { status, body } = await http('GET', '/health/ready', { authorization: '' });
    assert.equal(status, 200);
    assert.equal(body.status, 'ok', JSON.stringify(body));
  });

  await check('without a key, or with a wrong one: 401', async () => {
    const body = { type: 'demo.echo', payload: { hello: 'world' } };
    for (const authorization of ['', 'Bearer wrong']) {
      const answer = await http('POST', '/submit-task', { body, authorization });
      assert.equal(answer.status, 401);
      assert.ok(answer.headers.get('www-authenticate'));
      assert.equal(answer.body.code, 'unauthorized');
    }
  });

  let echo = '';
  await check('demo.echo completes with its payload as result', async () => {
    const payload = { hello: 'wörld', list: [1, null, { deep: true }] };
    echo = await submit('demo.echo', payload);
    const task = await ended(echo);
    assert.equal(task.state, 'completed');
    assert.deepEqual(task.result, payload);
    assert.deepEqual(outcomes(task), ['completed']);
  });

  await check('demo.flaky completes on its third attempt', async () => {
    const retry = { backoff: { kind: 'fixed', delayMs: 200 } };
    const task = await ended(await submit('demo.flaky', { failures: 2 }, { retry }));
    assert.equal(task.state, 'completed');
    assert.deepEqual(outcomes(task), ['failed', 'failed', 'completed']);
    assert.deepEqual(task.result, { attempt: 3 });
  });

  await check('a bad payload and an unknown type: 422', async () => {
    const bad = await http('POST', '/submit-task', { body: { type: 'demo.sleep', payload: { ms: 'long' } } });
    assert.deepEqual([bad.status, bad.body.code], [422, 'invalid_payload']);
    const unknown = await http('POST', '/submit-task', { body: { type: 'demo.nothing', payload: {} } });
    assert.deepEqual([unknown.status, unknown.body.code], [422, 'unknown_task_type']);
  });

  await check('the board wants a key and answers', async () => {
    assert.equal((await http('GET', '/board', { authorization: '' })).status, 401);
    const basic = `Basic ${Buffer.from(`smoke:${SECRET}`).toString('base64')}`;
    const board = await http('GET', '/board', { authorization: basic });
    assert.equal(board.status, 200);
    assert.match(board.body, /<html/i);
  });

  await check('a worker killed in mid-attempt loses it, another worker completes the task', async () => {
    const id = await submit('demo.sleep', { ms: 8000 });
    await eventually('the task runs', 10_000, async () => (await read(id)).state === 'running');
    const [victim] = await containers('worker'); // the only one, so the attempt is its own
    await compose(['up', '--detach', '--no-build', '--no-recreate', '--scale', 'worker=3', 'worker']);
    assert.equal((await read(id)).state, 'running', 'the attempt ended before the kill');
    await docker(['kill', '--signal', 'KILL', victim]);
    const killed = performance.now();
    const task = await ended(id);
    assert.equal(task.state, 'completed');
    assert.deepEqual(outcomes(task), ['lost', 'completed']);
    assert.notEqual(task.attempts[0].worker, task.attempts[1].worker);
    return `${((performance.now() - killed) / 1000).toFixed(1)} s after the kill`;
  });

  await check('scaled to three healthy workers, 200 tasks complete once each', async () => {
    await compose(['up', '--detach', '--no-build', '--no-recreate', '--scale', 'worker=3', 'worker']);
    await healthy('worker', 3);
    const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => submit('demo.echo', { n })));
    const tasks = await Promise.all(ids.map((id) => ended(id)));
    assert.ok(
      tasks.every((task, n) => task.state === 'completed' && task.result.n === n && task.attempts.length === 1),
    );
    return `by ${new Set(tasks.map((task) => task.attempts[0].worker)).size} workers`;
  });

  await check('scaled down to one in mid-attempt, the stopped workers finish first', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => submit('demo.sleep', { ms: 5000 })));
    await Promise.all(ids.map((id) => eventually('it runs', 10_000, async () => (await read(id)).state === 'running')));
    await compose(['up', '--detach', '--no-build', '--no-recreate', '--scale', 'worker=1', 'worker']);
    for (const id of ids) {
      const task = await ended(id);
      assert.equal(task.state, 'completed');
      assert.deepEqual(outcomes(task), ['completed']);
    }
  });

  await check('Redis restarted: what was submitted meanwhile completes', async () => {
    const ids = [];
    let restarting = true;
    const restarted = compose(['restart', 'redis']).finally(() => {
      restarting = false;
    });
    const submitted = (async () => {
      while (restarting) ids.push(await submit('demo.echo', { n: ids.length }));
    })();
    await Promise.all([restarted, submitted]);
    for (const id of ids) assert.equal((await ended(id)).state, 'completed');
    return `${ids.length} tasks`;
  });

  await check('Redis away: submissions are kept within a second, and done when it is back', async () => {
    await compose(['stop', 'redis']);
    const answer = await http('POST', '/submit-task', { body: { type: 'demo.echo', payload: {} } });
    assert.equal(answer.status, 202);
    assert.ok(answer.ms < 1000, `answered after ${answer.ms} ms`);
    const ready = await http('GET', '/health/ready');
    assert.deepEqual([ready.status, ready.body.status], [200, 'degraded']);
    await compose(['start', 'redis']);
    assert.equal((await ended(answer.body.id)).state, 'completed');
    return `202 after ${Math.round(answer.ms)} ms`;
  });

  await check('PostgreSQL away: 503 with Retry-After, and all is well when it is back', async () => {
    await compose(['stop', 'postgres']);
    const answer = await http('POST', '/submit-task', { body: { type: 'demo.echo', payload: {} } });
    assert.deepEqual([answer.status, answer.body.code], [503, 'store_unavailable']);
    assert.ok(answer.headers.get('retry-after'));
    await compose(['start', 'postgres']);
    await eventually('ready', 60_000, async () => (await http('GET', '/health/ready')).body.status === 'ok');
    assert.equal((await ended(await submit('demo.echo', {}))).state, 'completed');
    return `503 after ${Math.round(answer.ms)} ms`;
  });

  await check('API and worker stop by themselves on SIGTERM', async () => {
    const ids = [...(await containers('api')), ...(await containers('worker'))];
    await compose(['stop', 'api', 'worker']);
    const { output } = await docker(['inspect', '--format', '{{.State.ExitCode}}', ...ids]);
    assert.deepEqual(
      output.split('\n'),
      ids.map(() => '0'),
    );
  });

  await check('containers removed and made again on the same volumes: the history is still there', async () => {
    await compose(['down']);
    await compose(['up', '--detach', '--no-build', '--wait', '--wait-timeout', '180']);
    origin = `http://${(await compose(['port', 'api', '3000'])).output}`;
    assert.equal((await read(echo)).state, 'completed');
    assert.equal((await ended(await submit('demo.echo', {}))).state, 'completed');
  });
}

async function takeDown() {
  const always = { signal: null, allowFailure: true };
  if (failed) {
    const { output } = await compose(['ps', '--all'], always);
    const logs = await compose(['logs', '--no-color', '--tail', '60'], always);
    console.log(`${output}\n${logs.output}`.replace(/^/gm, '    '));
  }
  await compose(['down', '--volumes', '--remove-orphans', '--timeout', '5'], always);
  await docker(['image', 'rm', '--force', PROJECT], always);
}

try {
  await smoke();
} catch (error) {
  failed ||= 1;
  console.log(`      ${String(stopping.signal.reason ?? error.stack ?? error).replace(/\n/g, '\n      ')}`);
} finally {
  clearTimeout(deadline);
  await takeDown();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
