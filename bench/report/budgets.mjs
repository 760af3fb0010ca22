// What Navette has to reach: ratios and times, each with a floor that must hold and an aim to work for.
import { memoryOf } from './growth-tables.mjs';
import { ms, ratio, whole } from './table.mjs';

/** `of` gives the value, `undefined` where it was not measured; with `atMost` smaller is better. */
const budgets = [
  ...['navette-store', 'navette-bullmq'].flatMap((side) => [
    {
      what: `POST /submit-task, 64 connections, ${side}, of the same app with the store stubbed`,
      of: (figures) => over(http(figures, side), http(figures, 'stub')),
      least: 0.4,
      aim: 0.6,
      text: ratio,
    },
    {
      what: `… of the same app with one INSERT and one add per request`,
      of: (figures) => over(http(figures, side), http(figures, 'one-by-one')),
      least: 2,
      text: ratio,
    },
    {
      what: `… of a bare app with one INSERT and one add per request`,
      of: (figures) => over(http(figures, side), http(figures, 'naive')),
      text: ratio,
    },
    { what: `… its p99, ms`, of: (figures) => http(figures, side)?.p99Ms, least: 25, atMost: true, text: ms },
  ]),
  {
    what: 'processing, no-op handler, navette-bullmq, of bare BullMQ',
    of: (figures) => over(noop(figures, 'navette-bullmq'), noop(figures, 'bullmq')),
    least: 0.5,
    aim: 0.8,
    text: ratio,
  },
  {
    what: 'processing, no-op handler, navette-store, of bare BullMQ',
    of: (figures) => over(noop(figures, 'navette-store'), noop(figures, 'bullmq')),
    least: 1.5,
    aim: 3,
    text: ratio,
  },
  ...['pg-boss', 'graphile-worker'].map((peer) => ({
    what: `… of ${peer} by default`,
    of: (figures) => over(noop(figures, 'navette-store'), noop(figures, peer)),
    least: 10,
    text: ratio,
  })),
  {
    what: '… of graphile-worker batched',
    of: (figures) => over(noop(figures, 'navette-store'), noop(figures, 'graphile-worker-batched')),
    aim: 1,
    text: ratio,
  },
  ...['navette-store', 'navette-bullmq'].map((side) => ({
    what: `… ${side} at a backlog of 1,000,000, of that at 10,000`,
    of: (figures) => over(waiting(figures, side, 1_000_000), waiting(figures, side, 10_000)),
    least: 0.8,
    aim: 1,
    text: ratio,
  })),
  {
    what: 'bulk submission in process, navette-store, of addBulk',
    of: (figures) => over(bulk(figures, 'navette-store'), bulk(figures, 'bullmq')),
    least: 1,
    aim: 2,
    text: ratio,
  },
  {
    what: 'bulk submission in process, navette-bullmq, of addBulk',
    of: (figures) => over(bulk(figures, 'navette-bullmq'), bulk(figures, 'bullmq')),
    least: 0.5,
    aim: 0.7,
    text: ratio,
  },
  ...['navette-store', 'navette-bullmq', 'navette-embedded'].flatMap((side) =>
    ['process', 'http'].map((way) => ({
      what: `submitted → completed, idle, ${side}, ${way === 'http' ? 'over HTTP' : 'in process'}, p50 ms`,
      of: (figures) => figures.find({ section: 'latency', way, side, load: 'idle' })?.p50Ms,
      least: 10,
      aim: 5,
      atMost: true,
      text: ms,
    })),
  ),
  {
    what: 'embedded, submitted → completed through HTTP, tasks/s',
    of: (figures) => figures.find({ section: 'embedded', what: 'through' })?.perSecond,
    least: 2_000,
    aim: 5_000,
    text: whole,
  },
  {
    what: 'embedded, a fresh start, ms',
    of: (figures) => figures.find({ section: 'embedded', what: 'fresh start' })?.readyMs,
    least: 5_000,
    atMost: true,
    text: whole,
  },
  {
    what: 'embedded, a start on what is there, ms',
    of: (figures) => figures.find({ section: 'embedded', what: 'start again' })?.readyMs,
    least: 1_500,
    atMost: true,
    text: whole,
  },
  ...['navette-store', 'navette-bullmq'].map((side) => ({
    what: `memory of a worker, ${side}, at the end of 1,000,000 tasks, of that after the first 10,000`,
    of: (figures) => flatness(figures.find({ section: 'growth', what: 'tasks', side, waiting: 1_000_000 })),
    least: 1.2,
    atMost: true,
    text: ratio,
  })),
  {
    what: 'a page of GET /tasks with 1,000,000 rows, the slowest question, p50 ms',
    of: (figures) => figures.find({ section: 'growth', what: 'pages', history: 1_000_000 })?.slowestP50Ms,
    least: 20,
    aim: 5,
    atMost: true,
    text: ms,
  },
];

const over = (one, other) => (one && other ? one.perSecond / other.perSecond : undefined);
const http = (figures, side) => figures.find({ section: 'submission', way: 'http', side, connections: 64, tasks: 1 });
const bulk = (figures, side) => figures.best({ section: 'submission', way: 'process', side, tasks: 1000 });
/** Each side at its best: concurrency, and one process or two. */
const noop = (figures, side) => figures.best({ section: 'processing', handlerMs: 0, side });
const waiting = (figures, side, count) =>
  figures.find({ section: 'growth', what: 'tasks', side, waiting: count, history: 0 });

function flatness(figure) {
  if (!figure) return undefined;
  const { atFirst, atLast } = memoryOf(figure);
  return atLast / atFirst;
}

/** Budgets that a run has figures for: value, floor and aim, each met or not. */
export function budgetTable(figures) {
  const rows = budgets.flatMap(({ what, of, least, aim, atMost, text }) => {
    const value = of(figures);
    if (!Number.isFinite(value)) return [];
    const verdict = (bound) =>
      bound === undefined ? ['', ''] : [text(bound), (atMost ? value <= bound : value >= bound) ? 'met' : 'NOT MET'];
    return [[what, text(value), ...verdict(least), ...verdict(aim)]];
  });
  return { title: 'Floors and aims', columns: ['what', 'measured', 'floor', '', 'aim', ''], rows };
}
