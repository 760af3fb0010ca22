// What answers have told of what there is: ids, cursors, places in streams.

const keep = 300;
const unknownId = '01a20cd2-67fe-7309-8b8b-b2bfeec8fe57';

/** Values for later requests, so that they reach what is there. */
export class Known {
  /** @type {Map<string, string[]>} */
  #values = new Map();
  #queues;

  /** @param {string[]} queues */
  constructor(queues) {
    this.#queues = queues;
  }

  /** Takes from an answer what it tells. @param {string} path of the operation @param {import('./http-reader.mjs').Answer} answer */
  learn(path, { status, headers, body }) {
    if (status >= 300) return;
    for (const [, id] of body.matchAll(/"id":"([\w-]{36})"/g))
      this.#add(path.startsWith('/operations') ? 'operation' : 'task', id);
    for (const [, cursor] of body.matchAll(/"nextCursor":"([^"]+)"/g)) this.#add('cursor', cursor);
    if (headers['content-type'] === 'text/event-stream') {
      for (const [, id] of body.matchAll(/^id: (.+)$/gm)) this.#add('event', id);
    }
  }

  /** A value for a parameter of a path. */
  parameter(path, name, chance) {
    if (name === 'name') return chance.pick([...this.#queues, 'nowhere']);
    return this.#pick(path.startsWith('/operations') ? 'operation' : 'task', chance) ?? unknownId;
  }

  /** A value for a parameter of a query or a header; undefined: any that fits its schema. */
  value(name, chance) {
    if (name === 'cursor') return this.#pick('cursor', chance);
    if (name === 'Last-Event-ID') return this.#pick('event', chance);
    if (name === 'Prefer') return `wait=${chance.pick([0, 0, 1])}`;
    if (name === 'wait') return chance.pick(['0', '0', '0', '1', '60']);
    if (name === 'Idempotency-Key') return `key-${chance.between(0, 200)}`;
    if (name === 'include') return chance.pick(['payload', 'result', 'payload,result']);
    return undefined;
  }

  #add(kind, value) {
    const values = this.#values.get(kind) ?? [];
    values.push(value);
    if (values.length > keep) values.shift();
    this.#values.set(kind, values);
  }

  #pick(kind, chance) {
    // Chance is drawn whether or not there is something to pick from: what follows stays the same.
    const place = chance.next();
    const values = this.#values.get(kind) ?? [];
    return values[Math.floor(place * values.length)];
  }
}
