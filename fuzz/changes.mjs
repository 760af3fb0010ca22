// What is done to a request that would mean something.
import { changedJson } from './changed-json.mjs';
import { hostileNumber, hostileText } from './hostile-values.mjs';
import { headerValues, junk, mediaTypes, methods, targets } from './odd-parts.mjs';
import { bodyOf, encode, headerText } from './requests.mjs';

/** The likelier the more often it is listed. @type {((request: import('./requests.mjs').Request, chance: import('../chaos/random.mjs').Chance) => void)[]} */
const changes = [
  ...Array(5).fill(changeJson),
  ...Array(3).fill(changeQuery),
  ...Array(3).fill(changeHeader),
  ...Array(2).fill(changePath),
  ...Array(2).fill(corruptBody),
  ...[repeatParameter, addParameter, changeMethod, changeMediaType, addHeaders, changeTarget, lengthen, chunk, enlarge],
];

/**
 * Does up to four things to a request; to one in ten nothing.
 * @param {import('./requests.mjs').Request} request
 * @param {import('../chaos/random.mjs').Chance} chance
 */
export function makeHostile(request, chance) {
  const times = chance.pick([0, 1, 1, 1, 1, 1, 2, 2, 3, 4]);
  for (let i = 0; i < times; i++) chance.pick(changes)(request, chance);
}

function changeJson(request, chance) {
  if (request.json === undefined) return changeQuery(request, chance);
  for (let times = chance.between(1, 3); times > 0; times--) request.json = changedJson(request.json, chance);
}

/** Damages the text of a body. */
function corruptBody(request, chance) {
  const bytes = bodyOf(request) ?? Buffer.from('{}');
  const at = chance.between(0, bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const odd = chance.pick(junk);
  request.body = Buffer.concat(
    chance.pick([[before], [before, odd, after], [bytes, odd], [odd, bytes], [bytes, bytes]]),
  );
}

function enlarge(request, chance) {
  const size = chance.pick([1_000, 100_000, 1_048_570, 1_048_577, 1_500_000]);
  const submission = `{"type":"demo.echo","payload":"${'x'.repeat(size)}"}`;
  const nul = `"${'\\u0000'.repeat(size / 6)}"`;
  request.body = Buffer.from(chance.pick([submission, ' '.repeat(size), '['.repeat(size), nul]));
}

function chunk(request) {
  request.isChunked = true;
}

function changeMethod(request, chance) {
  request.method = chance.pick(methods);
}

function changeTarget(request, chance) {
  request.target = chance.pick(targets);
}

function changePath(request, chance) {
  const parts = request.path.split('/');
  const at = chance.between(1, parts.length - 1);
  const text = chance.pick([hostileText(chance), hostileText(chance), '..', '.', '', '%2e%2e', '%2F', 'constructor']);
  parts[at] = chance.between(0, 1) === 0 ? encode(text) : text;
  request.path = parts.join('/');
}

function changeQuery(request, chance) {
  const known = request.operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name);
  const name = chance.pick([...known, 'x']);
  const value = chance.between(0, 2) === 0 ? hostileNumber(chance).text : hostileText(chance);
  request.query = [...request.query.filter(([other]) => other !== name), [name, value]];
}

function addParameter(request, chance) {
  request.query.push([hostileText(chance), hostileText(chance)]);
}

function repeatParameter(request, chance) {
  const known = 'limit=1 state=failed include=payload'.split(' ').map((pair) => pair.split('='));
  const parameter = chance.pick([...request.query, ...known]);
  for (let times = chance.pick([1, 2, 200]); times > 0; times--) request.query.push(parameter);
}

function lengthen(request, chance) {
  const name = chance.pick(['x', 'tag', 'type', 'cursor']);
  request.query.push([name, 'x'.repeat(chance.pick([1_000, 7_000, 15_000, 20_000]))]);
}

function changeHeader(request, chance) {
  // Those that the operation reads, as often as all others.
  const own = request.operation.parameters.filter((each) => each.in === 'header').map(({ name }) => name);
  const name = chance.pick(own.length > 0 && chance.between(0, 1) === 0 ? own : Object.keys(headerValues));
  const isOther = ([other]) => other.toLowerCase() !== name.toLowerCase();
  if (chance.between(0, 3) > 0) request.headers = request.headers.filter(isOther);
  const isAny = !headerValues[name] || chance.between(0, 4) === 0;
  request.headers.push([name, isAny ? headerText(hostileText(chance)) : chance.pick(headerValues[name])]);
}

function changeMediaType(request, chance) {
  request.headers = request.headers.filter(([name]) => name !== 'Content-Type');
  request.headers.push(['Content-Type', chance.pick(mediaTypes)]);
}

function addHeaders(request, chance) {
  for (let left = chance.pick([1, 20, 100]); left > 0; left--) {
    request.headers.push([`X-${left}`, headerText(hostileText(chance)).slice(0, 100)]);
  }
}
