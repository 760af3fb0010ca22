import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { type Seen, see, serve } from '../../test/http-server.ts';
import { createAddressGuard } from './address-guard.ts';
import { exchange, type HttpRequest } from './exchange.ts';
import { createGuardedAgent, type Resolve } from './guarded-agent.ts';
import { bodyText, readCapped } from './response-body.ts';

const local = createAddressGuard(['127.0.0.0/8']);

async function send(url: string, options: Partial<HttpRequest> & { allow?: string[]; resolve?: Resolve } = {}) {
  const { allow, resolve, ...given } = options;
  const agent = createGuardedAgent(allow ? createAddressGuard(allow) : local, resolve);
  const request: HttpRequest = { method: 'GET', headers: {}, ...given, url: new URL(url) };
  const response = await exchange(request, { agent, signal: AbortSignal.timeout(20_000) });
  const body = bodyText(await readCapped(response.body, 1_000), undefined);
  return { status: response.status, url: response.request.url.href, body };
}

/** A server that sends every request on, from `/0` to `/1` and so on up to the last, and records them. */
async function redirecting(status: number, last: number, target = (path: string) => path) {
  const seen: Seen[] = [];
  const origin = await serve(async (request, response) => {
    seen.push(await see(request));
    const at = Number(request.url?.slice(1));
    if (at < last) response.writeHead(status, { location: target(`/${at + 1}`) }).end('moved');
    else response.end('here');
  });
  return { origin, seen };
}

describe('redirects', () => {
  it('are followed up to five times', async () => {
    const { origin } = await redirecting(302, 5);
    expect(await send(`${origin}/0`)).toEqual({ status: 200, url: `${origin}/5`, body: 'here' });
  });

  it('are given up after five', async () => {
    const { origin, seen } = await redirecting(302, 6);
    await expect(send(`${origin}/0`)).rejects.toMatchObject({ name: 'PermanentError', code: 'too_many_redirects' });
    expect(seen.length).toBe(6);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [301, 'PUT', 'PUT', 'data'],
    [307, 'POST', 'POST', 'data'],
    [308, 'POST', 'POST', 'data'],
  ] as const)('of status %i turn %s into %s', async (status, method, becomes, body) => {
    const { origin, seen } = await redirecting(status, 1);
    await send(`${origin}/0`, { method, body: 'data', headers: { 'content-type': 'text/plain', 'x-a': 'b' } });
    expect(seen[1]).toMatchObject({ method: becomes, body, headers: { 'x-a': 'b' } });
    expect('content-type' in seen[1]!.headers).toBe(body !== '');
  });

  it('keep credentials on their own origin only', async () => {
    const { origin: elsewhere, seen: there } = await redirecting(302, 0);
    const { origin, seen: here } = await redirecting(302, 2, (path) => (path === '/2' ? `${elsewhere}/2` : path));
    const headers = { authorization: 'Bearer s', cookie: 'a=b', 'x-a': 'b' };
    await send(`${origin}/0`, { headers });
    expect(here.map((seen) => seen.headers)).toMatchObject([headers, headers]);
    expect(there[0]?.headers).toMatchObject({ 'x-a': 'b' });
    expect(there[0]?.headers).not.toHaveProperty('authorization');
    expect(there[0]?.headers).not.toHaveProperty('cookie');
  });

  it.each(['http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data', 'http://[::1]/', '//192.168.1'])(
    'to the refused address %s are not followed',
    async (location) => {
      const origin = await serve((_request, response) => response.writeHead(302, { location }).end());
      await expect(send(origin, { allow: ['127.0.0.1'] })).rejects.toMatchObject({
        name: 'PermanentError',
        code: 'address_refused',
      });
    },
  );

  it.each(['ftp://example.org/', 'http://user:secret@127.0.0.1/', 'http://'])('to %s are refused', async (location) => {
    const origin = await serve((_request, response) => response.writeHead(302, { location }).end());
    await expect(send(origin)).rejects.toMatchObject({ name: 'PermanentError', code: 'invalid_redirect' });
  });

  it('without a target are an answer like any other', async () => {
    const origin = await serve((_request, response) => response.writeHead(302).end('nowhere'));
    expect(await send(origin)).toMatchObject({ status: 302, body: 'nowhere' });
  });
});

describe('addresses', () => {
  const refused = { name: 'PermanentError', code: 'address_refused' };

  it.each([
    'http://127.0.0.1',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://2130706433',
    'http://0',
    'http://127.1',
    'http://localhost',
  ])('%s is refused by default', async (base) => {
    let reached = false;
    const origin = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    await expect(send(`${base}:${new URL(origin).port}/`, { allow: [] })).rejects.toMatchObject(refused);
    expect(reached).toBe(false);
  });

  const resolvesTo = (...answers: string[][]) => {
    const asked: string[] = [];
    const resolve: Resolve = async (hostname) => {
      asked.push(hostname);
      const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
      return addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
    };
    return { asked, resolve };
  };

  it('of a name are looked up once, and the one that was judged is connected to', async () => {
    const hosts: (string | undefined)[] = [];
    const origin = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end(request.socket.localAddress);
    });
    const { port } = new URL(origin);
    const { asked, resolve } = resolvesTo(['127.0.0.1']);
    expect((await send(`http://name.test:${port}/`, { resolve })).body).toBe('127.0.0.1');
    expect([asked, hosts]).toEqual([['name.test'], [`name.test:${port}`]]);
  });

  it('of a name that changes between two connections are judged again', async () => {
    let reached = 0;
    const origin = await serve((_request, response) => {
      reached++;
      response.writeHead(302, { location: '/again', connection: 'close' }).end();
    });
    const { asked, resolve } = resolvesTo(['127.0.0.1'], ['10.0.0.1']);
    const sent = send(`http://rebinds.test:${new URL(origin).port}/`, { resolve, allow: ['127.0.0.1'] });
    await expect(sent).rejects.toMatchObject(refused);
    expect([asked.length, reached]).toEqual([2, 1]);
  });

  it('that are refused are left out where a name has others', async () => {
    const origin = await serve((_request, response) => response.end('here'));
    const { resolve } = resolvesTo(['10.0.0.1', '127.0.0.1']);
    const url = `http://both.test:${new URL(origin).port}/`;
    expect((await send(url, { resolve, allow: ['127.0.0.1'] })).body).toBe('here');
  });

  it('are all refused, and not shown, where a name has only private ones', async () => {
    const { resolve } = resolvesTo(['10.1.2.3', 'fd00::1']);
    const error = await send('http://inside.test/', { resolve }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      ...refused,
      message:
        'inside.test resolves to no public address (private, uniqueLocal); NAVETTE_HTTP_ALLOW names others that may be reached',
    });
  });

  it('of a name that is not known are a failure of the network', async () => {
    const resolve = () => Promise.reject(new Error('getaddrinfo ENOTFOUND nobody.test'));
    await expect(send('http://nobody.test/', { resolve })).rejects.toMatchObject({
      name: 'TransientError',
      code: 'network_error',
    });
    const { resolve: empty } = resolvesTo([]);
    await expect(send('http://empty.test/', { resolve: empty })).rejects.toMatchObject({ code: 'network_error' });
  });
});
