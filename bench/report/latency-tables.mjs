// How long tasks took.
import { cpuCells, cpuColumns, ms, whole } from './table.mjs';

const ways = { process: 'submitter and worker in one process', http: 'over HTTP, API and worker apart' };
const loads = { idle: 'idle', half: 'half of capacity' };

export function latencyTables(figures) {
  return Object.keys(ways)
    .map((way) => latencyTable(figures, way))
    .filter(({ rows }) => rows.length > 0);
}

function latencyTable(figures, way) {
  const rows = Object.keys(loads).flatMap((load) =>
    figures.all({ section: 'latency', way, load }).map((figure) => {
      const capacity = figures.find({ section: 'latency', way, load: 'flood', side: figure.side });
      return [
        figure.side,
        loads[load],
        ms(figure.p50Ms),
        ms(figure.p95Ms),
        ms(figure.p99Ms),
        whole(figure.perSecond),
        whole(capacity?.perSecond),
        ...cpuCells(figure.cpu),
      ];
    }),
  );
  const columns = ['side', 'load', 'p50 ms', 'p95 ms', 'p99 ms', 'tasks/s', 'capacity/s', ...cpuColumns];
  return { title: `Submitted → completed, ${ways[way]}`, columns, rows };
}
