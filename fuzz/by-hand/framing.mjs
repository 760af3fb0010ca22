// Bodies whose length is not what is said of it.
import { chunk, chunked, closing, firstIs, get, none, post, statuses, submit, task } from './scene.mjs';

const badLengths = ['-1', 'x', '1e3', '0x5', '', '18446744073709551616', '5,5', '+5'];
const badSizes = ['zz', '-1', 'ffffffffffffffffff', '', ' 5', '5 x', '0x5'];
const codings = ['gzip', 'chunked, gzip', 'identity', 'xchunked', ' chunked ,'];

/** @type {Record<string, (stage: import('./scene.mjs').Stage) => import('./scene.mjs').Scene>} */
export const framing = {
  'a body that stops, and the end of the connection': ({ head, chance }) => ({
    pieces: [submit(head, 'Content-Length: 500\r\n', task.slice(0, chance.between(0, 40)))],
    ends: chance.pick(['half-close', 'destroy']),
  }),
  'a body that stops for good': ({ head }) => ({
    pieces: [submit(head, 'Content-Length: 500\r\n')],
    withinMs: 200,
    expect: none,
  }),
  'a length that is too small': ({ head }) => ({
    pieces: [submit(head, 'Content-Length: 5\r\n')],
    expect: firstIs(400),
  }),
  'a length that is no number': ({ head, chance }) => ({
    pieces: [submit(head, `Content-Length: ${chance.pick(badLengths)}\r\n`)],
    expect: statuses(400),
  }),
  'two lengths': ({ head }) => ({
    pieces: [submit(head, 'Content-Length: 5\r\nContent-Length: 6\r\n')],
    expect: statuses(400),
  }),
  'a length and chunks': ({ head }) => ({
    pieces: [submit(head, `Content-Length: 5\r\n${chunked}`, `0\r\n\r\n${get('/health/live', head)}`)],
    expect: statuses(400),
  }),
  'a transfer coding of its own': ({ head, chance }) => ({
    pieces: [submit(head, `Transfer-Encoding: ${chance.pick(codings)}\r\n`)],
    withinMs: 200,
  }),
  'chunks of a bad size': ({ head, chance }) => ({
    pieces: [submit(head, chunked, `${chance.pick(badSizes)}\r\nabcde\r\n0\r\n\r\n`)],
    expect: firstIs(400, 413),
  }),
  'a chunk without its end': ({ head }) => ({
    pieces: [submit(head, chunked, '5\r\nabcdefgh\r\n0\r\n\r\n')],
    expect: firstIs(400),
  }),
  'chunks with endless extensions': ({ head }) => ({
    pieces: [submit(head, chunked, `5;${'x'.repeat(20_000)}\r\nabcde\r\n0\r\n\r\n`)],
    expect: firstIs(400, 413),
  }),
  'chunks with trailers': ({ head }) => ({
    pieces: [submit(head, chunked + closing, `${chunk(task)}0\r\nX-Trailer: 1\r\n\r\n`)],
    expect: statuses(202),
  }),
  'chunks of a byte': ({ head }) => ({
    pieces: [submit(head, chunked + closing, ''), ...[...task].map(chunk), '0\r\n\r\n'],
    expect: statuses(202),
  }),
  'chunks that break off': ({ head, chance }) => ({
    pieces: [submit(head, chunked, chunk(task)), chance.between(0, 20)],
    ends: chance.pick(['half-close', 'destroy']),
  }),
  'a body over the limit, sent whole': ({ head }) => ({
    pieces: [post('/submit-task', head, `"${'x'.repeat(2_000_000)}"`)],
    ends: 'head',
    expect: firstIs(413),
  }),
  'a body where none belongs, like a request': ({ head }) => {
    const hidden = get('/queues', head);
    return {
      pieces: [
        get('/health/live', head, `Content-Length: ${hidden.length}\r\n`),
        hidden,
        get('/health/live', head, closing),
      ],
      requests: 2,
      expect: (answers) =>
        statuses(200, 200)(answers) ??
        (answers.every(({ body }) => body === '{"status":"ok"}') ? undefined : 'answered what was hidden'),
    };
  },
  'a body of a call that takes none': ({ head, taskId }) => ({
    pieces: [post(`/tasks/${taskId()}/promote`, head, 'x'.repeat(100_000), ''), get('/health/live', head, closing)],
    requests: 2,
    expect: (answers) => (answers.at(1)?.body === '{"status":"ok"}' ? undefined : `${answers.length} answers`),
  }),
  'what waits to be told to go on': ({ head }) => ({
    pieces: [submit(head, `Expect: 100-continue\r\nContent-Length: ${task.length}\r\n${closing}`, ''), 20, task],
    expect: statuses(202),
  }),
  'what expects something else': ({ head }) => ({
    pieces: [submit(head, `Expect: miracles\r\nContent-Length: ${task.length}\r\n${closing}`)],
    expect: firstIs(417),
  }),
};
