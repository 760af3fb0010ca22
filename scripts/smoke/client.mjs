// A client of the HTTP API, as the checks use it.

import assert from 'node:assert/strict';
import { eventually, giveUp } from './checks.mjs';
import { SECRET } from './engine.mjs';

/** The `Authorization` that a browser sends. */
export const BASIC = `Basic ${Buffer.from(`smoke:${SECRET}`).toString('base64')}`;

/** A client; `origin` is asked for at each call, since a stack that is made again gets another port. */
export function createClient(origin) {
  /** One call: the answer with its parsed body and the time it took. */
  async function http(method, path, { body, authorization = `Bearer ${SECRET}`, timeoutMs = 70_000 } = {}) {
    const started = performance.now();
    const response = await fetch(new URL(path, origin()), {
      method,
      headers: { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.any([giveUp, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      url: response.url,
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
      ms: performance.now() - started,
    };
  }

  async function submit(type, payload, options = {}) {
    const answer = await http('POST', '/submit-task', { body: { type, payload, ...options } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('location'), `/tasks/${answer.body.id}`);
    return answer.body.id;
  }

  async function read(id, wait) {
    const answer = await http('GET', `/tasks/${id}${wait ? `?wait=${wait}` : ''}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  /** The task once it has ended: asks again while it is under way. */
  const ended = (id, timeoutMs = 60_000) =>
    eventually(`task ${id} ended`, timeoutMs, async () => {
      const task = await read(id, 30);
      return task.finishedAt && task;
    });

  /** Waits until the task runs. */
  const running = (id) => eventually(`task ${id} runs`, 10_000, async () => (await read(id)).state === 'running');

  /** Waits until everything is well. */
  const ready = () =>
    eventually('ready', 60_000, async () => {
      const answer = await http('GET', '/health/ready').catch(() => undefined);
      return answer?.body.status === 'ok';
    });

  return { http, submit, read, ended, running, ready };
}

/** How each attempt of a task went. */
export const outcomes = (task) => task.attempts.map((attempt) => attempt.outcome);
