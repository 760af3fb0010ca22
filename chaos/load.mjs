// The client: submits, cancels, promotes and asks for retries over HTTP, and writes down every answer it was given.
import { setTimeout as sleep } from 'node:timers/promises';
import { createChance } from './random.mjs';
import { plannedSubmission } from './submissions.mjs';

/** No answer within this is a hang, ms. */
const hangMs = 10_000;
/** Answers that took longer are remembered one by one, ms. */
const slowMs = 1_000;
const tickMs = 20;
/** More requests than this are not kept open at once. */
const maxOpen = 300;
const askAgainMs = 500;
const retryEveryMs = 1_500;

/**
 * @typedef {object} Answers submissions that were begun under one circumstance
 * @property {number} kept 202, or 200 of one that was over or known already
 * @property {number} unavailable 503
 * @property {number} unreachable no connection, or a broken one
 * @property {number} hung
 * @property {number} other
 * @property {number} slowestMs of those that were answered
 * @property {{ from: number, to: number }[]} slow those that took longer than a second, answered or not, ms since 1970
 * @property {{ from: number, to: number }[]} refused those that were answered 503
 */

/** A client for one installation. */
export class Load {
  #url;
  #seed;
  #perSecond;
  #open = new Set();
  #stopped = false;
  #next = 0;
  #loops = [];

  /** Ids of the accepted tasks, in the order of the answers. @type {string[]} */
  accepted = [];
  /** The ids that were answered for each idempotency key. @type {Map<string, Set<string>>} */
  idsOfKeys = new Map();
  /** Retries asked for, by id: sent at all, and granted. @type {Map<string, { sent: number, granted: number }>} */
  retries = new Map();
  /** What was answered under which circumstance. @type {Map<string, Answers>} */
  answers = new Map();
  /** Answers that no submission may get. @type {string[]} */
  wrong = [];
  /** What is being done to the installation. */
  circumstance = 'all well';

  /** @param {{ url: string, seed: number, perSecond: number }} options */
  constructor({ url, seed, perSecond }) {
    this.#url = url;
    this.#seed = seed;
    this.#perSecond = perSecond;
  }

  start() {
    this.#loops = [this.#submitAll(), this.#askForRetries()];
  }

  /** Submits nothing more; resolves when every request is answered. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#loops);
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  async #submitAll() {
    const startedAt = performance.now();
    while (!this.#stopped) {
      const due = ((performance.now() - startedAt) / 1000) * this.#perSecond;
      for (; this.#next < due; this.#next++) {
        if (this.#open.size < maxOpen) this.#track(this.#carryOut(plannedSubmission(this.#seed, this.#next)));
      }
      await sleep(tickMs);
    }
  }

  #track(work) {
    const tracked = work.catch((error) => this.wrong.push(String(error))).finally(() => this.#open.delete(tracked));
    this.#open.add(tracked);
  }

  /** @param {import('./submissions.mjs').Planned} planned */
  async #carryOut({ body, key, twin, cancelAfterMs, promote }) {
    const twins = twin ? [this.submit(body, key), this.submit(body, key)] : [this.submit(body, key)];
    const [id] = await Promise.all(twins);
    if (id === undefined) return;
    if (promote) await this.#ask(`/tasks/${id}/promote`);
    if (cancelAfterMs === undefined) return;
    await sleep(cancelAfterMs);
    await this.#ask(`/tasks/${id}/cancel`);
  }

  /**
   * Submits one task; with a key again and again until it is answered.
   * @returns {Promise<string | undefined>} its id, if it was accepted
   */
  async submit(body, key) {
    for (;;) {
      const id = await this.#submitOnce(body, key);
      if (id !== undefined || key === undefined || this.#stopped) return id;
      await sleep(askAgainMs);
    }
  }

  async #submitOnce(body, key) {
    const under = this.circumstance;
    const sentAt = performance.now();
    const answer = await this.#post('/submit-task', body, key && { 'idempotency-key': key });
    const ms = performance.now() - sentAt;
    const { status } = answer;
    // What began in one circumstance and ended in another says nothing of either.
    const tally = this.#answersUnder(under === this.circumstance ? under : 'a change');
    const span = { from: Date.now() - ms, to: Date.now() };
    if (ms > slowMs) tally.slow.push(span);
    if (typeof status === 'string') {
      tally[status]++;
      return undefined;
    }
    tally.slowestMs = Math.max(tally.slowestMs, ms);
    if (status === 503) {
      tally.unavailable++;
      tally.refused.push(span);
      if (!answer.headers.get('retry-after')) this.wrong.push('503 without Retry-After');
      return undefined;
    }
    if (status !== 202 && status !== 200) {
      tally.other++;
      this.wrong.push(`${status} to ${JSON.stringify(body)}: ${answer.text.slice(0, 300)}`);
      return undefined;
    }
    tally.kept++;
    return this.#keep(JSON.parse(answer.text).id, key);
  }

  #keep(id, key) {
    const ids = this.idsOfKeys.get(key) ?? new Set();
    if (!ids.has(id)) this.accepted.push(id);
    if (key !== undefined) this.idsOfKeys.set(key, ids.add(id));
    return id;
  }

  /** @returns {Answers} */
  #answersUnder(circumstance) {
    const known = this.answers.get(circumstance);
    if (known) return known;
    const fresh = { kept: 0, unavailable: 0, unreachable: 0, hung: 0, other: 0, slowestMs: 0, slow: [], refused: [] };
    this.answers.set(circumstance, fresh);
    return fresh;
  }

  async #askForRetries() {
    const chance = createChance(this.#seed, 'retries');
    while (!this.#stopped) {
      await sleep(retryEveryMs);
      const ended = await this.#get('/tasks?state=failed&state=completed&state=cancelled&state=expired&limit=50');
      if (!ended || this.#stopped) continue;
      const { items } = JSON.parse(ended.text);
      if (items?.length > 0) await this.#askForRetry(chance.pick(items).id);
    }
  }

  async #askForRetry(id) {
    const asked = this.retries.get(id) ?? { sent: 0, granted: 0 };
    asked.sent++;
    this.retries.set(id, asked);
    const { status } = await this.#ask(`/tasks/${id}/retry`);
    if (status === 202) asked.granted++;
  }

  /** Asks for something until it is done. */
  async control(path) {
    while ((await this.#ask(path)).status !== 200) await sleep(askAgainMs);
  }

  #ask(path) {
    return this.#post(path, undefined);
  }

  async #get(path) {
    const answer = await this.#request(path, {});
    return answer.status === 200 ? answer : undefined;
  }

  #post(path, body, headers = {}) {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    return this.#request(path, {
      method: 'POST',
      body: body && JSON.stringify(body),
      headers: { ...json, ...headers },
    });
  }

  /** The answer; its status is `unreachable` or `hung` where there was none. */
  async #request(path, init) {
    const signal = AbortSignal.timeout(hangMs);
    try {
      const response = await fetch(this.#url + path, { ...init, signal });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch {
      return { status: signal.aborted ? 'hung' : 'unreachable' };
    }
  }
}
