// What is better seen than read.
import { lineChart } from './line-chart.mjs';

/** In the order of the colours. */
const order = [
  'navette-store',
  'navette-bullmq',
  'navette-embedded',
  'bullmq',
  'graphile-worker-batched',
  'graphile-worker',
  'pg-boss-batched',
  'pg-boss',
];
const isOurs = (side) => side.startsWith('navette');

/** SVG by file name; only what the run has figures for. */
export function plotsOf(figures) {
  const byConcurrency = (handlerMs) =>
    seriesOf(figures.all({ section: 'processing', handlerMs, processes: 1 }), ({ concurrency, perSecond }) => [
      concurrency,
      perSecond,
    ]);
  const grown = figures.all({ section: 'growth', what: 'tasks', history: 0 });
  const worked = grown.filter(
    ({ side, waiting }) => isOurs(side) && waiting === Math.max(...grown.map((of) => of.waiting)),
  );
  const charts = {
    'throughput-by-concurrency.svg': {
      title: 'A backlog worked off by one process, a handler that does nothing',
      x: { label: 'concurrency', values: [1, 10, 50, 100, 300, 1000] },
      y: { label: 'tasks per second' },
      series: byConcurrency(0),
    },
    'throughput-by-concurrency-5-ms.svg': {
      title: 'A backlog worked off by one process, a handler of 5 ms',
      x: { label: 'concurrency', values: [10, 100, 300] },
      y: { label: 'tasks per second' },
      series: byConcurrency(5),
    },
    'throughput-by-backlog.svg': {
      title: 'Worked off by one process, by how much waits',
      x: { label: 'tasks that wait', values: [10_000, 100_000, 1_000_000] },
      y: { label: 'tasks per second' },
      series: seriesOf(grown, ({ waiting, perSecond }) => [waiting, perSecond]),
    },
    'worker-memory.svg': {
      title: 'Memory of a worker while a million tasks go through',
      x: { label: 'tasks that have ended' },
      y: { label: 'resident memory, MB' },
      series: worked.map(({ side, samples }) => ({
        name: side,
        look: order.indexOf(side),
        ours: true,
        points: samples[0].memory.filter(({ rssMb }) => rssMb).map(({ ended, rssMb }) => [ended, rssMb]),
      })),
    },
  };
  const drawable = Object.entries(charts).filter(([, { series }]) => series.some(({ points }) => points.length > 1));
  return Object.fromEntries(drawable.map(([name, chart]) => [name, lineChart(chart)]));
}

function seriesOf(figures, pointOf) {
  return order
    .map((side) => ({
      name: side,
      look: order.indexOf(side),
      ours: isOurs(side),
      points: figures
        .filter((figure) => figure.side === side)
        .map(pointOf)
        .sort(([a], [b]) => a - b),
    }))
    .filter(({ points }) => points.length > 0);
}
