// How fast a backlog is worked off, by every side, with handlers that take no time and with handlers that take 5 ms.
import { median } from '../report/statistics.mjs';
import { measureProcessing } from '../workers.mjs';

const ours = ['navette-store', 'navette-bullmq', 'navette-embedded'];

/** How each side is tried: `search` for its best concurrency, beyond 1, 10 and 100, which are measured anyway. */
const tries = {
  bullmq: { search: [50, 300, 1000] },
  'navette-store': { search: [50, 300, 1000, 2000] },
  'navette-bullmq': { search: [50, 300, 1000] },
  'navette-embedded': { search: [50, 300, 1000] },
  'graphile-worker': { search: [24, 50], slow: true },
  'graphile-worker-batched': { search: [24, 50] },
  'pg-boss': { search: [20, 50], slow: true },
  'pg-boss-batched': { search: [300, 1000] },
};
const everywhere = [1, 10, 100];
/** What is ours without any setting. */
const byDefault = 50;

export const processing = {
  name: 'processing',
  title: 'Processing: a backlog worked off',
  about: 'a backlog worked off: handlers of 0 and 5 ms, concurrencies, one and two processes',
  sides: Object.keys(tries),
  phases: [search, measure],
};

/** Each side at every concurrency; twice, for one try on a noisy machine chooses a second-best. */
function search({ quick, sides }) {
  return sides.flatMap((side) => {
    const concurrencies = quick ? [50] : [...everywhere, ...tries[side].search];
    return concurrencies.map((concurrency) => measurement({ quick, side, concurrency, rounds: quick ? 1 : 2 }));
  });
}

/** Then, round by round: each at its best, and at 1, 10 and 100; with two processes; and with the slower handler. */
function measure({ quick, sides, rounds, results }) {
  return sides.flatMap((side) => {
    const best = bestConcurrency(results, side);
    if (best === undefined) return [];
    const variants = quick ? fewVariants(side) : variantsOf(side, best, rounds);
    return variants.map((variant) => measurement({ quick, side, ...variant }));
  });
}

function variantsOf(side, best, rounds) {
  const [some, few] = [Math.max(1, rounds - 1), Math.max(1, rounds - 2)];
  const byConcurrency = [...everywhere, ...(ours.includes(side) ? [byDefault] : [])].filter((at) => at !== best);
  const twice = [
    { concurrency: best, processes: 2, rounds },
    { concurrency: 300, processes: 2, handlerMs: 5, rounds: some },
  ];
  return [
    // What the budgets are about, more often than the rest.
    { concurrency: best, rounds: 2 * rounds - 1 },
    ...byConcurrency.map((concurrency) => ({ concurrency, rounds: few })),
    ...[10, 100].map((concurrency) => ({ concurrency, handlerMs: 5, rounds: few })),
    { concurrency: 300, handlerMs: 5, rounds: some },
    // An embedded database has one process.
    ...(side === 'navette-embedded' ? [] : twice),
  ];
}

/** Every kind of measurement, not on every side. */
function fewVariants(side) {
  const rounds = 1;
  const all = [
    { concurrency: 50, processes: 2, rounds },
    { concurrency: 50, handlerMs: 5, rounds },
  ];
  return ['bullmq', 'navette-store'].includes(side) ? all : [];
}

function bestConcurrency(results, side) {
  const tried = [...results.values()]
    .filter((result) => result.section === 'processing' && result.side === side && result.samples.length > 0)
    .map(({ concurrency, samples }) => ({ concurrency, perSecond: median(samples.map((sample) => sample.perSecond)) }));
  return tried.sort((a, b) => b.perSecond - a.perSecond)[0]?.concurrency;
}

function measurement({ quick, side, concurrency, processes = 1, handlerMs = 0, rounds }) {
  const count = quick ? 300 : countOf({ side, concurrency, processes, handlerMs });
  const id = `processing ${side} ${handlerMs} ms @${concurrency}${processes > 1 ? ` × ${processes}` : ''}`;
  return {
    id,
    side,
    rounds,
    figures: [{ id, section: 'processing', side, concurrency, processes, handlerMs }],
    run: (servers) =>
      measureProcessing(servers, { side, count, concurrency, processes, handlerMs, limitMs: quick ? 10_000 : 3_000 }),
  };
}

/** As many tasks as take a second or two. */
function countOf({ side, concurrency, processes, handlerMs }) {
  const most = tries[side].slow ? 8_000 : 50_000;
  if (handlerMs > 0) return Math.min(most, Math.ceil((processes * concurrency * 1_500) / handlerMs));
  return concurrency === 1 ? Math.min(most, 4_000) : concurrency === 10 ? Math.min(most, 20_000) : most;
}
