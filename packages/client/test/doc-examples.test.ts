import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { createClient } from '../src/index.ts';
import { serveBulk } from './bulk-server.ts';
import * as examples from './doc-examples.ts';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
/** A text without what differs by where it stands: layout, and imports. */
const bare = (text: string) => text.replace(/^import .*$/gm, '').replace(/[\s,]+/g, '');

it('are those of the documentation', async () => {
  const [docs, compiled] = await Promise.all([read('../../../docs/client.md'), read('./doc-examples.ts')]);
  const blocks = [...docs.matchAll(/```ts\n([\s\S]*?)```/g)].flatMap(([, block]) => (block as string).split('\n\n'));
  expect(blocks.length).toBeGreaterThan(7);
  for (const block of blocks) expect(bare(compiled)).toContain(bare(block));
});

it('run', async () => {
  const { navette: server, baseUrl } = await serveBulk();
  const navette = createClient({ baseUrl, retry: false });
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
  server.work();
  await examples.submit(navette);
  await examples.submitAndWait(navette);
  await examples.submitMany(navette);
  await examples.follow(navette, await navette.submit({ type: 'demo.echo', payload: 1 }, { timeoutMs: 10_000 }));
  await examples.listAll(navette);
  const stopped = examples.followAll(navette, AbortSignal.abort(new Error('enough')));
  await expect(stopped).rejects.toThrow('enough');
  expect(log.mock.calls).toEqual([
    ['completed', { hello: 'world' }],
    [expect.objectContaining({ rows: 1 })],
    [2],
    ['completed'],
  ]);
  await examples.errors(navette);
  expect(complain.mock.calls).toEqual([
    [422, 'invalid_payload', [expect.objectContaining({ pointer: '#/payload/ms' })]],
  ]);
  expect(examples.first()).toHaveProperty('submit');
  vi.restoreAllMocks();
});
