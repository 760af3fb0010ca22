import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { memoryNavette } from '@navette/adapters/memory';
import { defineTask, silentLog } from '@navette/domain';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createApp } from '../src/app.ts';
import { type Browser, openBrowser, withoutBrowser } from './browser.ts';

const patience = { timeout: 30_000 };

describe.skipIf(withoutBrowser)('an EventSource', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  /** An API whose server can be ended and started again, on the same port and the same store. */
  async function open() {
    const gates = Array.from({ length: 4 }, createGate);
    const talkative = defineTask({
      type: 'test.talkative',
      payload: z.unknown(),
      handler: async (_payload, { log, progress }) => {
        for (const [n, gate] of gates.entries()) {
          await log(`line ${n}`);
          await progress(n);
          await gate.opened;
        }
        return 'said';
      },
    });
    const navette = memoryNavette({ tasks: [talkative] });
    const asked: string[] = [];
    let server: Server;
    const start = async (port = 0) => {
      const app = createApp({
        navette,
        health: { store: async () => true },
        apiKeys: [],
        loopbackOnly: true,
        maxBodyBytes: 1_048_576,
        log: silentLog,
        version: '0.0.0-test',
      });
      server = createAdaptorServer({
        fetch: async (request) => {
          const response = await app.fetch(request);
          if (request.url.includes('/events')) asked.push(`${request.headers.get('last-event-id')} ${response.status}`);
          return response;
        },
      }) as Server;
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    };
    const end = async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    };
    const port = await start();
    navette.work();
    const { id } = await navette.submit(talkative, null);
    const page = await browser.context.newPage();
    onTestFinished(async () => {
      for (const gate of gates) gate.open();
      await page.close();
      await end();
      await navette.close();
    });
    await page.goto(`http://127.0.0.1:${port}/docs`);
    return { navette, page, port, id, asked, end, start, say: (n: number) => gates[n]?.open() };
  }

  /** Follows in the page; the answer gives what it heard so far, and whether it has stopped for good. */
  async function follow(page: Page, path: string) {
    await page.evaluate(async (from) => {
      const told: Told[] = [];
      const source = new EventSource(from);
      for (const kind of ['state', 'log', 'progress']) {
        source.addEventListener(kind, (event) => told.push({ kind, data: JSON.parse((event as MessageEvent).data) }));
      }
      Object.assign(globalThis, { told, source });
      await new Promise((resolve) => source.addEventListener('open', resolve));
    }, path);
    return () =>
      page.evaluate(() => {
        const { told, source } = globalThis as unknown as { told: Told[]; source: EventSource };
        return { told, closed: source.readyState === EventSource.CLOSED };
      });
  }

  it('misses nothing while the server is restarted, and stops at the end', async () => {
    const { page, port, id, asked, end, start, say } = await open();
    const heard = await follow(page, `/tasks/${id}/events`);
    const lines = async () => (await heard()).told.filter(({ kind }) => kind === 'log').map(({ data }) => data.message);
    await expect.poll(lines, patience).toEqual(['line 0']);
    say(0);
    await expect.poll(lines, patience).toEqual(['line 0', 'line 1']);
    await end();
    say(1);
    await start(port);
    await expect.poll(lines, patience).toEqual(['line 0', 'line 1', 'line 2']);
    say(2);
    say(3);
    await expect.poll(async () => (await heard()).closed, patience).toBe(true);
    expect(await lines()).toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
    const states = (await heard()).told.filter(({ kind }) => kind === 'state').map(({ data }) => data.state);
    expect(states.filter((state) => state === 'completed')).toEqual(['completed']);
    expect((await heard()).told.at(-1)?.data).toMatchObject({ id, state: 'completed' });
    expect([asked[0], asked.at(-1)]).toEqual(['null 200', expect.stringMatching(/^\d+-4 204$/)]);
  });

  it('goes on with all tasks where it broke', async () => {
    const { navette, page, port, end, start } = await open();
    const heard = await follow(page, '/events?state=cancelled');
    const told = async () => [...new Set((await heard()).told.map(({ data }) => data.id))];
    const cancelled: string[] = [];
    const cancelOne = async () => {
      const { task } = await navette.submitRequest({ type: 'test.talkative', payload: 1, delayMs: 60_000 });
      await navette.cancel(task.id);
      cancelled.push(task.id);
    };
    await cancelOne();
    await expect.poll(told, patience).toEqual(cancelled);
    await end();
    for (let n = 0; n < 3; n++) await cancelOne();
    await start(port);
    await expect.poll(told, patience).toEqual(cancelled);
  });
});

interface Told {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: data of every shape
  readonly data: any;
}

/** A promise that the test settles. */
function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
