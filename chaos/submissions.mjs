// The mix that is submitted: the nth submission of a seed is always the same.
import { createChance } from './random.mjs';

const priorities = ['critical', 'high', 'normal', 'normal', 'normal', 'low', 'bulk'];

/** Kinds of work with their weights; each gives type, payload and options. */
const kinds = [
  [66, (chance) => ({ type: 'chaos.work', payload: { ms: durationOf(chance), chatty: chance.next() < 0.1 } })],
  [8, (chance) => ({ type: 'chaos.work', payload: { ms: chance.between(5, 100), failures: chance.between(1, 2) } })],
  [3, (chance) => ({ type: 'chaos.work', payload: { ms: chance.between(5, 50), failures: 50 } })],
  [2, () => ({ type: 'chaos.work', payload: { ms: 5_000 }, timeoutMs: 300 })],
  [3, (chance) => ({ type: 'chaos.stubborn', payload: { ms: chance.between(500, 2_000) } })],
  [2, () => ({ type: 'chaos.permanent', payload: null })],
  [4, (chance) => ({ type: 'chaos.result', payload: { kind: chance.pick(poisons) } })],
  [3, (chance) => ({ type: 'chaos.parent', payload: { children: chance.between(1, 3) } })],
  [6, (chance) => ({ type: 'demo.echo', payload: { n: chance.between(0, 1_000) } })],
  [3, () => ({ type: 'demo.echo', payload: 'too late', delayMs: 1_500, expiresAt: inFuture(300) })],
];
const poisons = ['bigint', 'nul', 'surrogate', 'circular', 'throws', 'deep'];
const totalWeight = kinds.reduce((sum, [weight]) => sum + weight, 0);

/**
 * @typedef {object} Planned
 * @property {object} body of `POST /submit-task`
 * @property {string | undefined} key its idempotency key
 * @property {boolean} twin submitted twice at the same time, under its key
 * @property {number | undefined} cancelAfterMs
 * @property {boolean} promote made due as soon as it is accepted
 */

/**
 * @param {number} seed
 * @param {number} n
 * @returns {Planned}
 */
export function plannedSubmission(seed, n) {
  const chance = createChance(seed, `submission ${n}`);
  const body = { priority: chance.pick(priorities), tags: [`n${n}`], ...kindOf(chance)(chance) };
  if (body.delayMs === undefined && chance.next() < 0.12) body.delayMs = chance.between(100, 4_000);
  const keyed = chance.next() < 0.25;
  return {
    body,
    key: keyed ? `key-${seed}-${n}` : undefined,
    twin: keyed && chance.next() < 0.2,
    cancelAfterMs: chance.next() < 0.05 ? chance.between(0, 1_500) : undefined,
    promote: body.delayMs !== undefined && chance.next() < 0.1,
  };
}

function kindOf(chance) {
  let place = chance.next() * totalWeight;
  for (const [weight, make] of kinds) {
    place -= weight;
    if (place < 0) return make;
  }
  return kinds[0][1];
}

/** Mostly short, now and then seconds. */
function durationOf(chance) {
  const place = chance.next();
  if (place < 0.7) return chance.between(5, 100);
  if (place < 0.93) return chance.between(100, 1_000);
  return chance.between(1_000, 5_000);
}

function inFuture(ms) {
  return new Date(Date.now() + ms).toISOString();
}
