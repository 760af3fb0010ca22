import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { listen, type RunningServer } from './http-server.ts';
import { StartupError } from './startup-error.ts';

const longMs = 60_000;
const running: RunningServer[] = [];
const agent = new Agent({ keepAlive: true });

async function serve(listener: RequestListener): Promise<RunningServer> {
  const server = await listen(createServer(listener), '127.0.0.1', 0);
  running.push(server);
  return server;
}

async function ask(url: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  response.resume();
  return response;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop(0)));
});

it('answers the requests under way before it stops, and tells their clients to close', async () => {
  let arrived = () => {};
  let answer = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await serve((_request, response) => {
    answer = () => response.end('late');
    arrived();
  });
  const asking = ask(server.url);
  await arrival;
  const stopped = server.stop(longMs);
  answer();
  const response = await asking;
  expect(response.statusCode).toBe(200);
  expect(response.headers.connection).toBe('close');
  await stopped;
});

it('does not wait for connections without a request', async () => {
  const server = await serve((_request, response) => response.end());
  expect((await ask(server.url)).headers.connection).toBe('keep-alive');
  await server.stop(longMs);
  await expect(ask(server.url)).rejects.toThrow();
});

it('cuts off what is not answered by the deadline', async () => {
  let arrived = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await serve(() => arrived());
  const refused = expect(ask(server.url)).rejects.toThrow('socket hang up');
  await arrival;
  await server.stop(1);
  await refused;
});

it('tells every answer when its connection is gone, also those that wait for their turn', async () => {
  const answers: ServerResponse[] = [];
  let arrived = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await serve((_request, response) => {
    answers.push(response);
    if (answers.length === 3) arrived();
  });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
  await arrival;
  const closed = answers.map((response) => once(response, 'close'));
  socket.destroy();
  await Promise.all(closed);
  expect(answers.map((response) => response.destroyed)).toEqual([true, true, true]);
});

it('stops once, however often it is asked to', async () => {
  const server = await serve((_request, response) => response.end());
  await Promise.all([server.stop(longMs), server.stop(longMs)]);
});

it('says in one line that the address is taken', async () => {
  const server = await serve((_request, response) => response.end());
  const port = Number(new URL(server.url).port);
  const error = await listen(createServer(), '127.0.0.1', port).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(StartupError);
  expect((error as StartupError).problems).toEqual([expect.stringContaining(`port ${port}`)]);
});
