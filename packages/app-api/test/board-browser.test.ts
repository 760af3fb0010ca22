import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { memoryNavette } from '@navette/adapters/memory';
import { defineTask, silentLog } from '@navette/domain';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createApp } from '../src/app.ts';
import { createBoard } from '../src/board.ts';
import { type Browser, openBrowser, withoutBrowser } from './browser.ts';

describe.skipIf(withoutBrowser)('the pages in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  /** Opens a page of an API with one failed task, and notes what the page asks of other hosts and what breaks in it. */
  async function open(path: string) {
    const navette = memoryNavette({ tasks: [once] });
    const app = createApp({
      navette,
      board: await createBoard(navette),
      health: { store: async () => true },
      apiKeys: [],
      loopbackOnly: true,
      maxBodyBytes: 1_048_576,
      log: silentLog,
      version: '0.0.0-test',
    });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      server.close();
      await navette.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    navette.work();
    const { task } = await navette.submitRequest({ type: 'test.once', payload: { text: 'hello' } });
    await navette.wait(task.id);
    const page = await browser.context.newPage();
    onTestFinished(() => page.close());
    const outside: string[] = [];
    const broken: string[] = [];
    page.on('response', (response) => !response.url().startsWith(url) && outside.push(response.url()));
    page.on('pageerror', (error) => broken.push(error.message));
    page.on(
      'response',
      (response) => response.status() >= 400 && broken.push(`${response.status()} ${response.url()}`),
    );
    await page.goto(`${url}${path}`);
    return { url, page, taskId: task.id, outside, broken };
  }

  it('lists the queues on the board, and a click retries a failed task', async () => {
    const { url, page, taskId, outside, broken } = await open('/board');
    await page.getByText('default').first().waitFor();
    await page.goto(`${url}/board/queue/default/${taskId}`);
    await page.getByText('once is not enough').first().waitFor();
    await page.locator('button:has(svg.lucide-refresh-cw)').first().click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect
      .poll(async () => (await fetch(`${url}/tasks/${taskId}`)).json())
      .toMatchObject({ state: 'completed', attempts: [{ outcome: 'failed' }, { outcome: 'completed' }] });
    expect({ outside, broken }).toEqual({ outside: [], broken: [] });
  });

  it('shows the HTTP contract, with nothing from outside', async () => {
    const { page, outside, broken } = await open('/docs');
    await page.getByText('/submit-task').first().waitFor();
    expect({ outside, broken }).toEqual({ outside: [], broken: [] });
  });
});

/** Fails the first time. */
const once = defineTask({
  type: 'test.once',
  payload: z.object({ text: z.string() }),
  retry: { maxAttempts: 1 },
  handler: ({ text }, { attempt }) => {
    if (attempt === 1) throw new Error('once is not enough');
    return { text, attempt };
  },
});
