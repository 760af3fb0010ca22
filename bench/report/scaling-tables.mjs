// What a task costs, and whether several processes do what follows from it.
import { carried } from '../carried.mjs';
import { ms, whole } from './table.mjs';

export function scalingTables(run) {
  return [costTable(run), workersTable(run, 0), workersTable(run, 5)];
}

/** The load is not part of what a task costs. */
const costsOf = ({ usPerTask: { generator: _, ...costs } }) => costs;

function costTable({ throughHttp }) {
  const rows = throughHttp.map((sample) => {
    const { server, worker, postgres, redis } = costsOf(sample);
    return [
      sample.side,
      whole(sample.perSecond),
      whole(server),
      whole(worker),
      whole(postgres),
      whole(redis),
      whole(sample.walPerTask),
      ms(sample.p99Ms),
    ];
  });
  const columns = [
    'set-up',
    'tasks/s',
    'API µs',
    'worker µs',
    'PostgreSQL µs',
    'Redis µs',
    'log bytes',
    'answered p99 ms',
  ];
  return { title: 'What a task costs from POST to completed, CPU time by process and rate', columns, rows };
}

function workersTable({ workers, machine }, handlerMs) {
  const samples = workers.filter((sample) => sample.handlerMs === handlerMs);
  const rows = samples.map((sample) => {
    const one = samples.find(({ side, processes }) => side === sample.side && processes === 1);
    const { perSecond, by } = predicted({ one, sample, cores: machine.cores, handlerMs });
    const { worker, postgres, redis } = costsOf(sample);
    const difference = `${Math.round((100 * (sample.perSecond - perSecond)) / perSecond)} %`;
    return [
      sample.side,
      `${sample.processes} × ${sample.concurrency}`,
      whole(sample.perSecond),
      ...(sample === one ? ['', '', ''] : [whole(perSecond), difference, by]),
      whole(worker),
      whole(postgres),
      whole(redis),
    ];
  });
  const columns = [
    'set-up',
    'workers',
    'tasks/s',
    'predicted',
    'off by',
    'limited by',
    'worker µs',
    'PostgreSQL µs',
    'Redis µs',
  ];
  return { title: `A backlog worked off, a handler of ${handlerMs} ms, by processes × concurrency`, columns, rows };
}

/** By what one process took of everything: handlers that wait scale by their number, until something is used up. */
function predicted({ one, sample, cores, handlerMs }) {
  const byCpu = carried(costsOf(one), { workers: sample.processes, cores });
  if (handlerMs === 0) return byCpu;
  const bySlots = one.perSecond * sample.processes;
  return bySlots < byCpu.perSecond ? { perSecond: bySlots, by: 'the slots' } : byCpu;
}
