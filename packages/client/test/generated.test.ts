import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { serveApi } from './server.ts';

it('has the types of the present OpenAPI document', async () => {
  const { app } = await serveApi();
  const { paths, components } = await (await app.request('http://localhost/openapi.json')).json();
  const digest = createHash('sha256').update(JSON.stringify({ paths, components })).digest('hex');
  const generated = await readFile(new URL('../src/api.generated.ts', import.meta.url), 'utf8');
  expect(generated, 'npm run build && node scripts/openapi-types/generate.mjs makes it anew').toContain(digest);
});
