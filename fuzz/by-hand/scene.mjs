// What a scene is, and what they are made of. A scene is a request that no client library would send.

/**
 * @typedef {object} Scene
 * @property {(string | Buffer | number)[]} pieces what is sent; a number is a pause, ms
 * @property {'read' | 'head' | 'half-close' | 'destroy'} [ends] `head`: with the head of an answer; default: with its end
 * @property {boolean} [reads] false: takes nothing of what is answered
 * @property {number} [withinMs]
 * @property {number} [requests] how many it is; default 1
 * @property {(answers: import('../http-reader.mjs').Answer[]) => string | undefined} [expect] what is wrong with the answers
 */

/**
 * @typedef {object} Stage
 * @property {import('../../chaos/random.mjs').Chance} chance
 * @property {string} head `Host` and, where keys are used, `Authorization`, as lines
 * @property {() => string} taskId of some task
 */

export const json = 'Content-Type: application/json\r\n';
export const lines = 'Content-Type: application/x-ndjson\r\n';
export const chunked = 'Transfer-Encoding: chunked\r\n';
export const closing = 'Connection: close\r\n';
/** A submission. */
export const task = '{"type":"demo.echo","payload":"by hand"}';

/** A request without a body. */
export const get = (target, head, more = '') => `GET ${target} HTTP/1.1\r\n${head}${more}\r\n`;

/** A request with a body, rightly framed. */
export const post = (target, head, body, more = json) =>
  `POST ${target} HTTP/1.1\r\n${head}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A submission framed as told. */
export const submit = (head, framing, body = task) =>
  `POST /submit-task HTTP/1.1\r\n${head}${json}${framing}\r\n${body}`;

/** A chunk of a body. */
export const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Expects exactly these statuses. */
export function statuses(...wanted) {
  return (answers) => {
    const got = answers.map(({ status }) => status).join();
    return got === wanted.join() ? undefined : `answered ${got || 'nothing'}, not ${wanted}`;
  };
}

/** Expects one of these statuses first. */
export function firstIs(...wanted) {
  return ([first]) =>
    wanted.includes(first?.status) ? undefined : `answered ${first?.status ?? 'nothing'}, not ${wanted}`;
}

/** Expects no answer. */
export const none = ([first]) => first && `answered ${first.status}`;
