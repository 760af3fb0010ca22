// Makes packages/client/src/api.generated.ts from the OpenAPI document of the built API.
// Run it after a change of the API: npm run build && npm ci --prefix scripts/openapi-types && node scripts/openapi-types/generate.mjs
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import openapiTypes, { astToString } from 'openapi-typescript';

const fromRoot = (path) => new URL(`../../${path}`, import.meta.url);
const { createApp } = await import(fromRoot('packages/app-api/dist/app.js'));
const { memoryNavette } = await import(fromRoot('packages/adapters/dist/memory/index.js'));
const { silentLog } = await import(fromRoot('packages/domain/dist/index.js'));

const navette = memoryNavette({ tasks: [] });
const app = createApp({
  navette,
  health: { store: async () => true },
  apiKeys: [],
  loopbackOnly: true,
  maxBodyBytes: 1_000_000,
  log: silentLog,
  version: '',
});
const { paths, components } = await (await app.request('http://localhost/openapi.json')).json();
await navette.close();

// What the types are made of, without the version: the test of the client makes the same digest of the present document.
const digest = createHash('sha256').update(JSON.stringify({ paths, components })).digest('hex');
const types = astToString(
  await openapiTypes({ openapi: '3.1.0', info: { title: '', version: '' }, paths, components }),
);
const target = fromRoot('packages/client/src/api.generated.ts');
await writeFile(
  target,
  `// Made by scripts/openapi-types/generate.mjs; not to be edited.
// SHA-256 of the document's paths and components: ${digest}

${types}`,
);
process.stdout.write(`wrote ${target.pathname}\n`);
