// Requests made from the OpenAPI document, and their bytes.
import { entriesOf, writeJson } from './json-text.mjs';
import { sample } from './sample.mjs';

const linesType = 'application/x-ndjson';

/**
 * @typedef {object} Request
 * @property {import('./contract.mjs').Operation} operation
 * @property {string} method
 * @property {string} path
 * @property {[string, string][]} query
 * @property {[string, string][]} headers
 * @property {unknown} json the body before it is a text; undefined: none
 * @property {boolean} isLines whether each of its values is a line
 * @property {Buffer} [body] in the place of `json`
 * @property {boolean} isChunked
 * @property {string} [target] in the place of path and query
 */

/**
 * @typedef {object} Making
 * @property {import('./known.mjs').Known} known what earlier answers have told
 * @property {import('./sample.mjs').Sampling} sampling
 * @property {string | undefined} authorization of a valid key
 */

/**
 * A request that means something.
 * @param {import('./contract.mjs').Operation} operation
 * @param {Making} making
 * @returns {Request}
 */
export function validRequest(operation, { known, sampling, authorization }) {
  const { chance } = sampling;
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name) => known.parameter(operation.path, name, chance));
  const wanted = operation.parameters.filter(({ required }) => required || chance.between(0, 3) === 0);
  const pairsOf = ({ name, schema }) =>
    [known.value(name, chance) ?? sample(schema, sampling)].flat().map((value) => [name, textOf(value)]);
  const query = wanted.filter((each) => each.in === 'query').flatMap(pairsOf);
  const headers = wanted.filter((each) => each.in === 'header').flatMap(pairsOf);
  if (authorization) headers.push(['Authorization', authorization]);
  const plain = { operation, method: operation.method, path, query, headers, isChunked: false };
  const types = Object.keys(operation.bodies);
  if (types.length === 0) return { ...plain, json: undefined, isLines: false };
  const type = chance.pick(types);
  headers.push(['Content-Type', type]);
  const { schema, example } = operation.bodies[type];
  const value = () => (example && chance.between(0, 4) === 0 ? entriesOf(example) : sample(schema, sampling));
  const isLines = type === linesType;
  return { ...plain, json: isLines ? Array.from({ length: chance.between(1, 8) }, value) : value(), isLines };
}

/** The target of a request, as it is sent. @param {Request} request */
export function targetOf({ target, path, query }) {
  if (target !== undefined) return target;
  const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return headerText(search ? `${path}?${search}` : path).replaceAll(' ', '%20');
}

/** Its body. @param {Request} request */
export function bodyOf({ body, json, isLines }) {
  if (body || json === undefined) return body;
  const isList = isLines && Array.isArray(json);
  return Buffer.from(isList ? json.map((each) => `${writeJson(each)}\n`).join('') : writeJson(json));
}

/** Its bytes; what frames it is right. @param {Request} request @param {string} host */
export function bytesOf(request, host) {
  const { method, headers, isChunked } = request;
  const body = bodyOf(request);
  const all = headers.some(([name]) => name === 'Host') ? [...headers] : [['Host', host], ...headers];
  if (body) all.push(isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)]);
  const lines = [`${method} ${targetOf(request)} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body ? Buffer.concat([head, isChunked ? chunked(body) : body]) : head;
}

/** A text as bytes that a header can have: line ends would be other headers, and raw requests have those. */
export function headerText(text) {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[\r\n\0]/g, '');
}

/** Percent-encodes every byte that has a meaning of its own. */
export function encode(text) {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\w.~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function textOf(value) {
  return typeof value === 'string' ? value : writeJson(value);
}

/** In three chunks. */
function chunked(body) {
  const size = Math.max(1, Math.ceil(body.length / 3));
  const parts = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
