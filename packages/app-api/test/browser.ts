import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const required = (process.env.NAVETTE_TEST_REQUIRE ?? '').split(',').includes('chromium');

/** Whether suites that need a browser are to be skipped; says why. Not where `NAVETTE_TEST_REQUIRE` names `chromium`. */
export const withoutBrowser = !executablePath && !required;
if (withoutBrowser) process.stderr.write('skipped: no Chromium on this machine, the pages are not opened\n');

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser with a profile of its own. */
export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts one. */
export async function openBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'navette-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executablePath ?? '',
    args: flags,
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
