// The stack scaled, robbed of its parts and given them back.

import assert from 'node:assert/strict';
import { check, eventually } from './checks.mjs';
import { outcomes } from './client.mjs';
import { compose, containers, docker, exitCodes, healthy, scaleWorkers } from './engine.mjs';

export async function checkWorkers({ submit, read, ended, running }) {
  await check('a worker killed in mid-attempt loses it, another worker completes the task', async () => {
    const id = await submit('demo.sleep', { ms: 8000 });
    await running(id);
    const [victim] = await containers('worker'); // the only one, so the attempt is its own
    await scaleWorkers(3);
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
    await scaleWorkers(3);
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
    await Promise.all(ids.map(running));
    await scaleWorkers(1);
    for (const id of ids) {
      const task = await ended(id);
      assert.equal(task.state, 'completed');
      assert.deepEqual(outcomes(task), ['completed']);
    }
  });
}

export async function checkOutages({ http, submit, ended, ready }) {
  /** What the only worker answers to its own health check. */
  const workerHealth = async () => {
    const script = 'fetch("http://127.0.0.1:3000/health/ready").then((answer) => console.log(answer.status))';
    return Number((await compose(['exec', '-T', 'worker', 'node', '-e', script])).output);
  };
  const submitOnce = () => http('POST', '/submit-task', { body: { type: 'demo.echo', payload: {} } });

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

  const outages = [
    ['Redis away', 'stop', 'start'],
    ['Redis frozen', 'pause', 'unpause'],
  ];
  for (const [name, begin, end] of outages) {
    await check(`${name}: submissions are kept within a second, and done when it is back`, async () => {
      await compose([begin, 'redis']);
      const answer = await submitOnce();
      assert.equal(answer.status, 202);
      assert.ok(answer.ms < 1000, `answered after ${answer.ms} ms`);
      const { status, body } = await http('GET', '/health/ready');
      assert.deepEqual([status, body.status], [200, 'degraded']);
      assert.equal(await workerHealth(), 503);
      await compose([end, 'redis']);
      assert.equal((await ended(answer.body.id)).state, 'completed');
      await ready();
      await eventually('the worker is well', 10_000, async () => (await workerHealth()) === 200);
      return `202 after ${Math.round(answer.ms)} ms`;
    });
  }

  await check('PostgreSQL away: 503 with Retry-After, and all is well when it is back', async () => {
    await compose(['stop', 'postgres']);
    const answer = await submitOnce();
    assert.deepEqual([answer.status, answer.body.code], [503, 'store_unavailable']);
    assert.ok(answer.headers.get('retry-after'));
    await compose(['start', 'postgres']);
    await ready();
    assert.equal((await ended(await submit('demo.echo', {}))).state, 'completed');
    return `503 after ${Math.round(answer.ms)} ms`;
  });

  await check('API and worker stop by themselves on SIGTERM', async () => {
    const ids = [...(await containers('api')), ...(await containers('worker'))];
    await compose(['stop', 'api', 'worker']);
    assert.deepEqual(
      await exitCodes(ids),
      ids.map(() => 0),
    );
  });
}
