// What an answer must be, whatever was asked.

import { pathOf } from './contract.mjs';

/** @typedef {import('./http-reader.mjs').Answer} Answer */

/** Nothing of the inside may be told. None of these is in any request. */
const secrets = [
  [/\n\s+at .+:\d+:\d+/, 'a stack'],
  [/\b(?:node_modules|node:internal|\.[cm]?[jt]s:\d+)/, 'a source file'],
  [/(?:^|[\s"'(=])\/(?:work|home|root|usr|tmp|var)\//, 'a path of the machine'],
  [/\b(?:postgres(?:ql)?|rediss?):\/\//, 'a connection string'],
  [/\b(?:select|insert into|update|delete from)\s.+\s(?:from|values|set|where)\b/is, 'SQL'],
  [/\b(?:relation|column|constraint) ".+"|\bsyntax error at or near\b|\bE?CONN(?:REFUSED|RESET)\b/, "a server's error"],
];

/** Refusals of what reaches no operation: what is no proper HTTP, or means nothing here. */
const anywhere = [
  ...['malformed_request', 'request_timeout', 'expectation_failed', 'headers_too_large', 'payload_too_large'],
  ...['unauthorized', 'forbidden', 'not_found', 'method_not_allowed'],
];
/** Pages and what belongs to them: no part of the contract. */
const page = /^\/(?:$|docs|openapi\.json|board)/;

/**
 * Makes the judge of one API.
 * @param {ReturnType<import('./contract.mjs').readContract>} contract
 */
export function createJudge({ find, problem }) {
  /**
   * What is wrong with an answer.
   * @param {string} method of the request
   * @param {string | undefined} target of the request; undefined: it is unknown what it reaches
   * @param {Answer} answer
   * @returns {string[]}
   */
  return (method, target, answer) => {
    const { status, headers, body, isWhole } = answer;
    const declared = target === undefined ? undefined : find(method, target)?.answers[status];
    const faults = leaksOf(answer);
    // A store that is slow on a busy machine may say so.
    const isAway = (declared || target === undefined) && (status === 503 || status === 504);
    if (status >= 500 && !isAway) faults.push(`status ${status}`);
    if (method === 'HEAD' || !isWhole) return faults;
    faults.push(...missingHeaders(answer));
    const type = headers['content-type'] ?? '';
    const isPage = target !== undefined && page.test(pathOf(target));
    if (isPage && type !== problemType) return faults;
    if (type === problemType && (target === undefined || anywhere.includes(codeOf(body))))
      return [...faults, ...faultsOfBody({ [problemType]: problem }, type, body)];
    if (declared) return [...faults, ...faultsOfBody(declared, type, body)];
    if (target === undefined && status < 400) return faults;
    return [
      ...faults,
      target === undefined
        ? `status ${status} without a problem that tells why`
        : `status ${status}, which is not declared`,
    ];
  };
}

const problemType = 'application/problem+json';

function codeOf(body) {
  return isJson(body) ? JSON.parse(body).code : undefined;
}

/** What an answer tells of the inside. @param {Pick<Answer, 'headers' | 'body'>} answer */
export function leaksOf({ headers, body }) {
  // The document and the pages' own scripts are what they are.
  const isPublished = /html|javascript|css|image/.test(headers['content-type'] ?? '');
  const text = `${JSON.stringify(headers)}\n${isPublished ? '' : body}`;
  return secrets
    .filter(([pattern]) => pattern.test(text))
    .map(([pattern, what]) => `tells ${what}: ${pattern.exec(text)[0].slice(0, 200)}`);
}

function faultsOfBody(declared, type, body) {
  const types = Object.keys(declared);
  if (types.length === 0) return body === '' ? [] : ['a body where none is declared'];
  const schema = declared[type];
  if (!schema) return [`as ${type || 'nothing'}, which is not declared`];
  if (type === 'text/event-stream')
    return eventsOf(body).flatMap((data) => (isJson(data) ? [] : [`an event that is no JSON: ${data}`]));
  if (!/json/.test(type)) return schema.safeParse(body).success ? [] : ['a text that is not as declared'];
  const texts = type === 'application/x-ndjson' ? body.split('\n').slice(0, -1) : [body];
  return texts.flatMap((text) => faultsOfJson(schema, text));
}

function faultsOfJson(schema, text) {
  if (!isJson(text)) return [`a body that is no JSON: ${text.slice(0, 200)}`];
  const value = JSON.parse(text);
  const { error } = schema.safeParse(value);
  return error ? [`a body that is not as declared: ${JSON.stringify(error.issues).slice(0, 400)}`] : [];
}

function eventsOf(body) {
  return [...body.matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => data);
}

function missingHeaders({ status, headers, body }) {
  const needed = { 401: 'www-authenticate', 405: 'allow', 503: 'retry-after' }[status];
  const isReadiness = body.includes('"checks"');
  return needed && !headers[needed] && !isReadiness ? [`without ${needed}`] : [];
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
