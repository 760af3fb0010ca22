// Clients that are slow, that send many requests at once, that go away, and that read nothing.
import { chunk, chunked, closing, firstIs, get, lines, post, statuses, submit, task } from './scene.mjs';

const submitLines = (head, framing) => `POST /submit-tasks HTTP/1.1\r\n${head}${lines}${framing}\r\n`;
const oddLines = [
  ...[task, '', ' ', '{', 'null', '[]', '{"type":"demo.echo"}', '\ufeff{}', '['.repeat(70), '\0', '{"__proto__":1}'],
  `"${'x'.repeat(1_100_000)}"`,
];

/** @type {Record<string, (stage: import('./scene.mjs').Stage) => import('./scene.mjs').Scene>} */
export const breakingOff = {
  'a body byte by byte': ({ head }) => ({
    pieces: [
      submit(head, `Content-Length: ${task.length}\r\n${closing}`, ''),
      ...[...task].flatMap((byte) => [5, byte]),
    ],
    expect: statuses(202),
  }),
  'a head byte by byte': ({ head }) => ({
    pieces: [...get('/health/live', head, closing)].flatMap((byte, at) => (at % 8 ? [byte] : [2, byte])),
    expect: statuses(200),
  }),
  'a head that stops': ({ head, chance }) => ({
    pieces: [get('/tasks', head).slice(0, chance.between(1, 40)), 50],
    ends: 'destroy',
  }),
  'many requests at once': ({ head, chance }) => {
    const count = chance.between(2, 60);
    const ids = Array.from({ length: count }, (_, i) => `01a20cd2-67fe-7309-8b8b-${String(i).padStart(12, '0')}`);
    return {
      pieces: [ids.map((id, i) => get(`/tasks/${id}`, head, i === count - 1 ? closing : '')).join('')],
      requests: count,
      expect: (answers) => {
        if (answers.length !== count) return `${answers.length} answers to ${count} requests`;
        const isInOrder = answers.every(({ status, body }, i) => status === 404 && body.includes(ids[i]));
        return isInOrder ? undefined : 'answers out of order';
      },
    };
  },
  'a refusal between others': ({ head }) => ({
    pieces: [
      post('/submit-task', head, '{'),
      get('/health/live', head),
      submit(head, `Content-Length: 40\r\n${closing}`),
    ],
    requests: 3,
    expect: statuses(400, 200, 202),
  }),
  'a wait that nobody waits for': ({ head, taskId }) => ({
    pieces: [get(`/tasks/${taskId()}?wait=60`, head), 20],
    ends: 'destroy',
  }),
  'a submission that waits, abandoned': ({ head }) => ({
    pieces: [submit(head, `Prefer: wait=60\r\nContent-Length: ${task.length}\r\n`), 5],
    ends: 'destroy',
  }),
  'a submission, abandoned at once': ({ head }) => ({
    pieces: [submit(head, `Content-Length: ${task.length}\r\n`)],
    ends: 'destroy',
  }),
  'answers that nobody reads': ({ head }) => ({
    pieces: [get('/tasks?limit=100&include=payload,result', head).repeat(20), 50],
    reads: false,
    ends: 'destroy',
    requests: 20,
  }),
  'events that nobody reads': ({ head, taskId, chance }) => ({
    pieces: [get(chance.pick(['/events', `/tasks/${taskId()}/events`, '/events?include=payload,result']), head), 50],
    reads: false,
    ends: 'destroy',
  }),
  'many streams of events at once': ({ head, taskId }) => ({
    pieces: [(get('/events', head) + get(`/tasks/${taskId()}/events`, head)).repeat(10), 50],
    ends: 'destroy',
    requests: 20,
  }),
  'events, half closed': ({ head }) => ({ pieces: [get('/events', head)], ends: 'half-close', withinMs: 500 }),
  'events by HTTP/1.0': ({ head }) => ({
    pieces: [`GET /events HTTP/1.0\r\n${head}\r\n`],
    ends: 'head',
    expect: firstIs(200),
  }),
  'another request while events come': ({ head }) => ({
    pieces: [get('/events', head), get('/health/live', head)],
    ends: 'head',
    requests: 2,
    expect: firstIs(200),
  }),
  'half closed after the request': ({ head }) => ({
    pieces: [get('/health/live', head, closing)],
    ends: 'half-close',
    expect: statuses(200),
  }),
  'lines that stop': ({ head, chance }) => ({
    pieces: [submitLines(head, chunked), chunk(`${task}\n`), chance.between(0, 100)],
    ends: chance.pick(['half-close', 'destroy']),
    withinMs: 200,
  }),
  'lines whose answers nobody reads': ({ head }) => ({
    pieces: [submitLines(head, 'Content-Length: 99999999\r\n'), '{"type":"nowhere"}\n'.repeat(5_000), 100],
    reads: false,
    ends: 'destroy',
  }),
  'lines of all kinds': ({ head, chance }) => {
    const body = Array.from({ length: 20 }, () => chance.pick(oddLines)).join(chance.pick(['\n', '\r\n', '\n\n']));
    return { pieces: [post('/submit-tasks', head, body, lines + closing)], expect: firstIs(200) };
  },
  'lines by HTTP/1.0': ({ head }) => ({
    pieces: [`POST /submit-tasks HTTP/1.0\r\n${head}${lines}Content-Length: ${task.length}\r\n\r\n${task}`],
    ends: 'head',
    expect: firstIs(200),
  }),
};
