// What much of everything did to speed, memory and disk.
import { cpuCells, cpuColumns, ms, ratio, whole } from './table.mjs';

export function growthTables(figures) {
  return [speedTable(figures), sizeTable(figures), memoryTable(figures), pagesTable(figures)].filter(
    ({ rows }) => rows.length > 0,
  );
}

/** What was measured: without a history first, the smallest backlog first. */
const statesInOrder = (figures) =>
  figures.all({ section: 'growth', what: 'tasks' }).toSorted((a, b) => a.history - b.history || a.waiting - b.waiting);

function speedTable(figures) {
  const all = statesInOrder(figures);
  const rows = all.map((figure) => {
    const least = all.find(({ side, history }) => side === figure.side && history === 0);
    return [
      figure.side,
      whole(figure.waiting),
      whole(figure.history),
      whole(figure.perSecond),
      figure.spread,
      figure === least ? '' : ratio(figure.perSecond / least?.perSecond),
      whole(figure.throughPerSecond),
      whole(figure.submittedPerSecond),
      whole(figure.postedPerSecond),
      ms(figure.postedP99Ms),
      ...cpuCells(figure.cpu),
    ];
  });
  const columns = [
    'side',
    'waiting',
    'ended',
    'worked off/s',
    '',
    'of the first',
    'all of it/s',
    'submitted/s',
    'POST/s',
    'p99 ms',
    ...cpuColumns,
  ];
  return {
    title: 'Speed by what waits and what has ended: one worker; submitting 64 at a time, in process and over HTTP',
    columns,
    rows,
  };
}

function sizeTable(figures) {
  const rows = statesInOrder(figures).map((figure) => [
    figure.side,
    whole(figure.waiting),
    whole(figure.history),
    whole(figure.diskBytesPerTask),
    whole(figure.leftBytesPerTask),
    whole(figure.redisBytesPerTask),
    whole(figure.serverMb),
  ]);
  const columns = ['side', 'waiting', 'ended', 'bytes on disk', 'when all have ended', 'bytes in Redis', 'API MB'];
  return {
    title: 'Size per task, with all indexes, and the memory of the API after some thousand requests',
    columns,
    rows,
  };
}

function memoryTable(figures) {
  const rows = statesInOrder(figures)
    .filter(({ samples }) => samples[0].memory?.length > 0)
    .map((figure) => {
      const { atFirst, atLast, most } = memoryOf(figure);
      return [figure.side, whole(figure.waiting), whole(atFirst), whole(atLast), whole(most), whole(figure.heapMb)];
    });
  const columns = ['side', 'waiting', 'MB after 10,000', 'MB at the end', 'MB at most', 'live heap MB at the end'];
  return { title: 'Memory of the worker while it works them off', columns, rows };
}

/** Resident memory: soon after the first 10,000 tasks, in the last tenth, and at most. */
export function memoryOf({ samples: [{ memory }] }) {
  const total = memory.at(-1).ended;
  const of = (from, to) => {
    const within = memory.filter(({ ended, rssMb }) => rssMb && ended >= from && ended <= to).map(({ rssMb }) => rssMb);
    return within.length > 0 ? Math.max(...within) : undefined;
  };
  return { atFirst: of(Math.min(10_000, total / 10), total / 5), atLast: of(total * 0.9, total), most: of(0, total) };
}

function pagesTable(figures) {
  const rows = figures.all({ section: 'growth', what: 'pages' }).flatMap((figure) => {
    const each = Object.entries(figure.samples[0].each).map(([question, p50Ms]) => [question, ms(p50Ms), '']);
    return [...each, ['together', ms(figure.p50Ms), ms(figure.p99Ms)]];
  });
  return { title: 'GET /tasks, one page of 50 of the whole history', columns: ['question', 'p50 ms', 'p99 ms'], rows };
}
