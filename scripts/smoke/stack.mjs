// The stack as it is meant to be, called on its published port.

import assert from 'node:assert/strict';
import { check } from './checks.mjs';
import { BASIC, outcomes } from './client.mjs';
import { compose } from './engine.mjs';

export async function checkStack({ http, submit, ended }) {
  await check('health is open, ready and says so on the published port', async () => {
    const { status, body } = await http('GET', '/health/ready', { authorization: '' });
    assert.equal(status, 200);
    assert.equal(body.status, 'ok', JSON.stringify(body));
  });

  await check('nothing can be written but /tmp, and no privilege is left', async () => {
    const script = `
      const { readFileSync, writeFileSync } = require('node:fs');
      const write = (path) => { try { writeFileSync(path, ''); return 'written'; } catch ({ code }) { return code; } };
      const status = readFileSync('/proc/self/status', 'utf8');
      const capabilities = /^CapPrm:\\s+(\\S+)/m.exec(status)[1];
      console.log(JSON.stringify([...['package.json', '.navette/x', '/tmp/x'].map(write), Number('0x' + capabilities)]));`;
    for (const service of ['api', 'worker']) {
      const { output } = await compose(['exec', '-T', service, 'node', '-e', script]);
      assert.deepEqual(JSON.parse(output), ['EROFS', 'EROFS', 'written', 0]);
    }
  });

  await check('a wrong database password ends a service with 2 and says so', async () => {
    for (const service of ['api', 'worker']) {
      const args = ['run', '--rm', '-T', '--no-deps', '--env', 'PGPASSWORD=wrong', service];
      const { code, output } = await compose(args, { allowFailure: true });
      assert.match(output, /DATABASE_URL: password authentication failed/);
      assert.equal(code, 2);
    }
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

  await check('demo.echo completes with its payload as result', async () => {
    const payload = { hello: 'wörld', list: [1, null, { deep: true }] };
    const task = await ended(await submit('demo.echo', payload));
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

  for (const page of ['/board', '/docs']) {
    await check(`${page} wants a key, and comes with its scripts and styles`, async () => {
      assert.equal((await http('GET', page, { authorization: '' })).status, 401);
      const { status, body, url } = await http('GET', page, { authorization: BASIC });
      assert.equal(status, 200);
      const base = new URL(/<base href="([^"]+)"/.exec(body)?.[1] ?? url, url);
      const files = [...body.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, path]) => new URL(path, base));
      assert.ok(files.length >= 2, body);
      for (const file of files) {
        const answer = await http('GET', file.pathname, { authorization: BASIC });
        assert.equal(answer.status, 200, file.pathname);
        assert.match(answer.headers.get('content-type'), /javascript|css/, file.pathname);
      }
    });
  }
}
