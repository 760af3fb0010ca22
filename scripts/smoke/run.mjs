// The image and the Compose stack, as a user meets them: built, started, called on a published port, scaled, robbed of
// their parts, taken down. Needs a Docker engine with Compose v2 and nothing else. Prints a line per check and ends with
// `N passed, N failed`. Where the engine has a network namespace of its own, run it inside that namespace.

import assert from 'node:assert/strict';
import { check, runChecks } from './checks.mjs';
import { createClient } from './client.mjs';
import { bringUp, compose, takeDown } from './engine.mjs';
import { checkOutages, checkWorkers } from './faults.mjs';
import { checkImage } from './image.mjs';
import { checkStack } from './stack.mjs';
import { checkStandalone } from './standalone.mjs';

async function smoke() {
  let origin = '';
  const client = createClient(() => origin);

  await checkImage();
  await check('the stack comes up healthy', async () => {
    origin = await bringUp();
    assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/);
    return origin;
  });
  await checkStack(client);
  const early = await client.submit('demo.echo', {});
  await checkWorkers(client);
  await checkOutages(client);
  await check('containers removed and made again on the same volumes: the history is still there', async () => {
    await compose(['down']);
    origin = await bringUp();
    assert.equal((await client.read(early)).state, 'completed');
    assert.equal((await client.ended(await client.submit('demo.echo', {}))).state, 'completed');
  });
  await checkStandalone();
}

await runChecks(smoke, takeDown);
