// Heads of requests that are too much, or no HTTP/1.1.
import { closing, firstIs, get, statuses } from './scene.mjs';

const brokenLines = [
  ...['X', ': x', 'X : x', 'X: \0', 'X\t: 1', 'X: a\nY: b', ' folded: 1', '\x80: 1', 'X: a\rb', '"X": 1', 'X(y): 1'],
];
const otherProtocols = (head) => [
  `GET /health/live HTTP/2.0\r\n${head}\r\n`,
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `GET /health/live HTTP/9.9\r\n${head}\r\n`,
  'GET /health/live\r\n\r\n',
  `GET  /health/live  HTTP/1.1\r\n${head}\r\n`,
  `GET /health/live http/1.1\r\n${head}\r\n`,
  'HELO example.org\r\n',
  // The beginning of TLS.
  Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
];

/** @type {Record<string, (stage: import('./scene.mjs').Stage) => import('./scene.mjs').Scene>} */
export const heads = {
  'thousands of headers': ({ head, chance }) => {
    const more = Array.from({ length: chance.pick([500, 1_500, 2_500]) }, (_, i) => `a${i}:\r\n`);
    return { pieces: [get('/health/live', head, more.join('') + closing)], expect: firstIs(200, 431) };
  },
  'a head that is too large': ({ head }) => ({
    pieces: [get('/health/live', head, `X: ${'x'.repeat(40_000)}\r\n`)],
    expect: statuses(431),
  }),
  'an address that is too long': ({ head }) => ({
    pieces: [get(`/tasks?tag=${'x'.repeat(70_000)}`, head)],
    expect: statuses(431),
  }),
  'broken headers': ({ head, chance }) => ({
    pieces: [get('/health/live', head, `${chance.pick(brokenLines)}\r\n`)],
    ends: 'head',
    expect: firstIs(200, 400),
  }),
  'no Host': ({ chance }) => ({
    pieces: [`GET /health/live HTTP/1.${chance.pick([0, 1])}\r\n\r\n`],
    ends: 'head',
    expect: firstIs(400),
  }),
  'two Hosts': ({ head }) => ({
    pieces: [get('/health/live', head, `Host: evil.example\r\n${closing}`)],
    expect: firstIs(200, 400, 403),
  }),
  'HTTP/1.0': ({ head }) => ({ pieces: [`GET /health/live HTTP/1.0\r\n${head}\r\n`], expect: statuses(200) }),
  'HTTP/1.0, kept': ({ head }) => ({
    pieces: [`GET /health/live HTTP/1.0\r\n${head}Connection: keep-alive\r\n\r\n`, get('/health/live', head, closing)],
    requests: 2,
    expect: statuses(200, 200),
  }),
  'another protocol': ({ head, chance }) => ({ pieces: [chance.pick(otherProtocols(head))], withinMs: 200 }),
  noise: ({ chance }) => ({
    pieces: [Buffer.from(Array.from({ length: 200 }, () => chance.between(0, 255)))],
    withinMs: 200,
  }),
  'empty lines first': ({ head }) => ({
    pieces: [`\r\n\r\n${get('/health/live', head, closing)}`],
    expect: statuses(200),
  }),
  'line feeds alone': ({ head }) => ({
    pieces: [get('/health/live', head, closing).replaceAll('\r\n', '\n')],
    withinMs: 200,
  }),
  'an upgrade': ({ head, chance }) => ({
    pieces: [
      get('/health/live', head, `Connection: Upgrade\r\nUpgrade: ${chance.pick(['websocket', 'h2c', 'x'])}\r\n`),
    ],
    ends: 'head',
    expect: firstIs(200),
  }),
  'a tunnel': ({ head }) => ({ pieces: [`CONNECT example.org:443 HTTP/1.1\r\n${head}\r\n`], withinMs: 200 }),
};
