import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSignalClient } from '../../src/postgres/connections.ts';
import { createSignals, type Signals } from '../../src/postgres/signals.ts';
import { eventually } from '../eventually.ts';
import { databaseUrl, freshName, skipWithoutPostgres } from '../servers.ts';
import { openProxy, type TcpProxy } from './tcp-proxy.ts';

describe.skipIf(await skipWithoutPostgres())('signals', () => {
  let pool: pg.Pool;
  let proxy: TcpProxy;
  let opened: Signals[];
  let channel: string;

  beforeAll(async () => {
    proxy = await openProxy(databaseUrl);
    pool = new pg.Pool({ connectionString: proxy.url });
  });
  afterAll(async () => {
    await pool?.end();
    await proxy?.close();
  });
  beforeEach(() => {
    opened = [];
    channel = freshName();
  });
  afterEach(async () => {
    proxy.restore();
    await Promise.all(opened.map((signals) => signals.close()));
  });

  const open = () => {
    const signals = createSignals({ createClient: () => createSignalClient(pool), channel });
    opened.push(signals);
    return signals;
  };
  const openBoth = async () => {
    const [here, there] = [open(), open()];
    const heard: string[] = [];
    there.onLine((line) => heard.push(line));
    await Promise.all([here.listening(), there.listening()]);
    return { here, there, heard };
  };

  test('carry more lines than one notification can, in their order', async () => {
    const { here, heard } = await openBoth();
    const lines = Array.from({ length: 1_000 }, (_, i) => `${i} ${'ü'.repeat(30)}`);
    for (const line of lines) here.send(line);
    await eventually(() => expect(heard).toEqual(lines));
  });

  test('carry a line once while it waits, before the others', async () => {
    const { here, heard } = await openBoth();
    here.send('others');
    for (let i = 0; i < 10; i++) here.send('once', { once: true });
    await eventually(() => expect(heard).toEqual(['once', 'others']));
  });

  test('do not come back to the sender', async () => {
    const { here, there, heard } = await openBoth();
    there.send('own');
    here.send('from here');
    await eventually(() => expect(heard).toEqual(['from here']));
  });

  test('stay on their channel', async () => {
    const { here, heard } = await openBoth();
    channel = freshName();
    const aside = open();
    await aside.listening();
    aside.send('aside');
    here.send('here');
    await eventually(() => expect(heard).toEqual(['here']));
  });

  test('listen again after a break, and say so', async () => {
    const { here, there, heard } = await openBoth();
    let begun = 0;
    there.onListening(() => begun++);
    proxy.breakAll();
    await eventually(() => expect(begun).toBe(1));
    await eventually(() => {
      here.send('after the break', { once: true });
      expect(heard).toContain('after the break');
    });
  });

  test('give up a connection that is frozen', async () => {
    const { there } = await openBoth();
    let clients = 0;
    const createClient = () => {
      clients++;
      return createSignalClient(pool);
    };
    const frozen = createSignals({ createClient, channel });
    opened.push(frozen);
    await frozen.listening();
    proxy.freeze();
    frozen.send('into the void');
    await eventually(() => expect(clients).toBeGreaterThan(1));
    proxy.restore();
    const heard: string[] = [];
    there.onLine((line) => heard.push(line));
    await eventually(() => {
      frozen.send('heard again', { once: true });
      expect(heard).toContain('heard again');
    });
  });

  test('may be closed at any time', async () => {
    const signals = open();
    await Promise.all([signals.close(), signals.close()]);
    signals.send('nobody hears this');
  });
});
