// What taking in tasks came to.
import { cpuCells, cpuColumns, ms, ratio, whole } from './table.mjs';

const sidesOverHttp = ['stub', 'naive', 'one-by-one', 'navette-store', 'navette-bullmq', 'navette-embedded'];
const sidesInProcess = ['bullmq', 'navette-store', 'navette-bullmq', 'navette-embedded', 'graphile-worker', 'pg-boss'];

export function submissionTables(figures) {
  const loads = [
    { connections: 1, tasks: 1, title: 'POST /submit-task, 1 connection' },
    { connections: 64, tasks: 1, title: 'POST /submit-task, 64 connections' },
    { connections: 256, tasks: 1, title: 'POST /submit-task, 256 connections' },
    { connections: 16, tasks: 100, title: 'POST /submit-tasks, 100 tasks per request, 16 connections' },
  ];
  const singles = [
    { connections: 1, tasks: 1, title: 'Submitting in process, one after the other' },
    { connections: 64, tasks: 1, title: 'Submitting in process, 64 at a time' },
  ];
  return [
    ...loads.map((load) => httpTable(figures, load)),
    ...singles.map((way) => processTable(figures, way)),
    bulkTable(figures),
  ].filter(({ rows }) => rows.length > 0);
}

function httpTable(figures, { title, ...load }) {
  const of = (side) => figures.find({ section: 'submission', way: 'http', side, ...load });
  const rows = sidesOverHttp
    .map(of)
    .filter(Boolean)
    .map((figure) => [
      figure.side,
      whole(figure.perSecond),
      figure.spread,
      ratio(figure.perSecond / of('stub')?.perSecond),
      ratio(figure.perSecond / of('one-by-one')?.perSecond),
      ratio(figure.perSecond / of('naive')?.perSecond),
      ms(figure.p50Ms),
      ms(figure.p95Ms),
      ms(figure.p99Ms),
      ...cpuCells(figure.cpu),
      whole(figure.rssMb),
    ]);
  const columns = [
    'side',
    'tasks/s',
    '',
    'of stub',
    'of one-by-one',
    'of naive',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    ...cpuColumns,
    'server MB',
  ];
  return { title, columns, rows };
}

function processTable(figures, { title, ...way }) {
  const of = (side) => figures.find({ section: 'submission', way: 'process', side, ...way });
  const rows = sidesInProcess
    .map(of)
    .filter(Boolean)
    .map((figure) => [
      figure.side,
      whole(figure.perSecond),
      figure.spread,
      ratio(figure.perSecond / of('bullmq')?.perSecond),
      ms(figure.p50Ms),
      ms(figure.p99Ms),
      ...cpuCells(figure.cpu),
    ]);
  return { title, columns: ['side', 'tasks/s', '', 'of bullmq', 'p50 ms', 'p99 ms', ...cpuColumns], rows };
}

function bulkTable(figures) {
  const of = (side) => figures.best({ section: 'submission', way: 'process', side, tasks: 1000 });
  const rows = sidesInProcess
    .map(of)
    .filter(Boolean)
    .map((figure) => [
      figure.side,
      whole(figure.perSecond),
      figure.spread,
      ratio(figure.perSecond / of('bullmq')?.perSecond),
      figure.connections,
      ...cpuCells(figure.cpu),
    ]);
  const columns = ['side', 'tasks/s', '', 'of bullmq', 'calls at a time', ...cpuColumns];
  return { title: 'Submitting in process, 1,000 tasks per call', columns, rows };
}
