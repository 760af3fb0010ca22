import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { outlivingLosses } from './connections.ts';

const message = (type: string, body: Buffer) => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
};
const accepted = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const ended = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'));

/** A PostgreSQL that lets everybody in and ends the session with the same packet. */
async function startHastyServer(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(Buffer.concat([accepted, ready, ended])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `postgres://postgres@127.0.0.1:${(server.address() as AddressInfo).port}/test`;
}

test('a session that is ended while its connection is handed out does not end the process', async () => {
  const pool = outlivingLosses(new pg.Pool({ connectionString: await startHastyServer() }));
  // Without a listener, the error would have been thrown out of the socket before this resolves.
  const uncaught: Error[] = [];
  const onUncaught = (error: Error) => void uncaught.push(error);
  process.on('uncaughtException', onUncaught);
  onTestFinished(() => void process.off('uncaughtException', onUncaught));
  const client = await pool.connect();
  expect(uncaught).toEqual([]);
  await expect(client.query('select 1')).rejects.toThrow();
  client.release(true);
  await pool.end();
});
