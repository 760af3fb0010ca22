// The image without Compose: API and worker in one container, with the embedded database in a volume.

import assert from 'node:assert/strict';
import { check } from './checks.mjs';
import { createClient, outcomes } from './client.mjs';
import { docker, exitCodes, PROJECT, SECRET } from './engine.mjs';

const NAME = `${PROJECT}-alone`;
const COMMAND = ['node', 'packages/app-standalone/dist/main.js'];

export async function checkStandalone() {
  let origin = '';
  const { submit, read, ended, running, ready } = createClient(() => origin);
  let past = '';
  let interrupted = '';

  const start = async () => {
    const confined = ['--init', '--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges'];
    const settings = ['HOST=0.0.0.0', `NAVETTE_API_KEYS=smoke:${SECRET}`, 'NAVETTE_SHUTDOWN_MS=500'];
    const environment = settings.flatMap((setting) => ['--env', setting]);
    const outside = ['--publish=127.0.0.1:0:3000', `--volume=${NAME}:/app/.navette`];
    await docker(['run', '--detach', '--name', NAME, ...confined, ...environment, ...outside, PROJECT, ...COMMAND]);
    origin = `http://${(await docker(['port', NAME, '3000'])).output}`;
    await ready();
  };

  await check('standalone with an embedded database: a task completes', async () => {
    await start();
    past = await submit('demo.echo', { hello: 'world' });
    assert.deepEqual((await ended(past)).result, { hello: 'world' });
  });

  await check('a second one on the same data ends with 2 and says who uses it', async () => {
    const args = ['run', '--rm', `--volume=${NAME}:/app/.navette`, PROJECT, ...COMMAND];
    const { code, output } = await docker(args, { allowFailure: true });
    assert.match(output, /NAVETTE_DATA_DIR: .* is in use by/);
    assert.equal(code, 2);
  });

  await check('standalone stops by itself on SIGTERM, and hands back what runs', async () => {
    interrupted = await submit('demo.sleep', { ms: 5000 });
    await running(interrupted);
    await docker(['stop', '-t', '35', NAME]);
    assert.deepEqual(await exitCodes([NAME]), [0]);
    await docker(['rm', NAME]);
  });

  await check('a new container on the same volume goes on; so does one after a kill', async () => {
    await start();
    assert.equal((await read(past)).state, 'completed');
    await running(interrupted);
    await docker(['kill', '--signal', 'KILL', NAME]);
    await docker(['rm', NAME]);
    await start();
    assert.equal((await read(past)).state, 'completed');
    const task = await ended(interrupted);
    assert.equal(task.state, 'completed');
    assert.deepEqual(outcomes(task), ['interrupted', 'lost', 'completed']);
  });
}
