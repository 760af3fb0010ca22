// What was wrong, the same things together, each with one request that shows it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../coverage/fuzz/', import.meta.url));
const most = 25;

/** Gathers them; the bytes of the requests are kept, to be sent again: `nc 127.0.0.1 PORT < FILE`. */
export class Findings {
  /** @type {Map<string, { count: number, text: string }>} */
  #kinds = new Map();

  constructor() {
    rmSync(folder, { recursive: true, force: true });
  }

  /** @param {number} number @param {string} fault @param {import('./fuzzing.mjs').Outcome} outcome */
  add(number, fault, { name, bytes, answers }) {
    const kind = `${name} ${fault}`.replace(/[\d-]+/g, '#').slice(0, 160);
    const known = this.#kinds.get(kind);
    if (known) known.count++;
    else {
      mkdirSync(folder, { recursive: true });
      const file = `${folder}${number}.http`;
      writeFileSync(file, bytes);
      const told = answers.map((answer) => (typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`));
      const shown = JSON.stringify(bytes.toString('latin1', 0, 500));
      this.#kinds.set(kind, {
        count: 1,
        text: `${name}: ${fault}\n    number ${number}: ${shown}\n    ${told.join(', ').slice(0, 500)}\n    ${file}`,
      });
    }
  }

  get count() {
    return this.#kinds.size;
  }

  toString() {
    return [...this.#kinds.values()]
      .slice(0, most)
      .map(({ count, text }) => `${count} × ${text}\n`)
      .join('');
  }
}
