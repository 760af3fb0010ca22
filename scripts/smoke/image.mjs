// The image, before anything runs in it.

import assert from 'node:assert/strict';
import { check } from './checks.mjs';
import { compose, docker, PROJECT } from './engine.mjs';

export async function checkImage() {
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
}
