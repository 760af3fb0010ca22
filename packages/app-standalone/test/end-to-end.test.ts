import { afterAll, beforeAll } from 'vitest';
import { killAll } from './app-process.ts';
import { build } from './build.ts';
import { removeDataFolders } from './data-folders.ts';

// One file, so that there is one build, before any process starts; what is in it runs side by side.
beforeAll(build, 120_000);
afterAll(async () => {
  await killAll();
  await removeDataFolders();
});

await import('./each-set-up.ts');
await import('./start-and-stop.ts');
