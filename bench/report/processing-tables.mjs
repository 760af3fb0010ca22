// What working off a backlog came to.
import { cpuCells, cpuColumns, ratio, whole } from './table.mjs';

const sides = [
  'bullmq',
  'navette-store',
  'navette-bullmq',
  'navette-embedded',
  'graphile-worker',
  'graphile-worker-batched',
  'pg-boss',
  'pg-boss-batched',
];

export function processingTables(figures) {
  return [0, 5]
    .flatMap((handlerMs) => [
      concurrencyTable(figures, handlerMs),
      ...[1, 2].map((processes) => bestTable(figures, handlerMs, processes)),
    ])
    .filter(({ rows }) => rows.length > 0);
}

const handlerText = (handlerMs) => (handlerMs === 0 ? 'a handler that does nothing' : `a handler of ${handlerMs} ms`);

function concurrencyTable(figures, handlerMs) {
  const of = (wanted) => figures.all({ section: 'processing', handlerMs, processes: 1, ...wanted });
  const concurrencies = [...new Set(of({}).map(({ concurrency }) => concurrency))].sort((a, b) => a - b);
  const rows = sides
    .filter((side) => of({ side }).length > 0)
    .map((side) => [side, ...concurrencies.map((concurrency) => whole(of({ side, concurrency })[0]?.perSecond))]);
  const title = `Processing by concurrency, ${handlerText(handlerMs)}, one process, tasks/s`;
  return { title, columns: ['side', ...concurrencies.map((concurrency) => `@${concurrency}`)], rows };
}

function bestTable(figures, handlerMs, processes) {
  const of = (side) => figures.best({ section: 'processing', handlerMs, processes, side });
  const rows = sides
    .map(of)
    .filter(Boolean)
    .map((figure) => [
      figure.side,
      whole(figure.perSecond),
      figure.spread,
      ratio(figure.perSecond / of('bullmq')?.perSecond),
      `@${figure.concurrency}`,
      ...cpuCells(figure.cpu),
    ]);
  const title = `Processing, ${handlerText(handlerMs)}, ${processes === 1 ? 'one process' : 'two processes'}, each side at its best concurrency`;
  return { title, columns: ['side', 'tasks/s', '', 'of bullmq', 'at', ...cpuColumns], rows };
}
