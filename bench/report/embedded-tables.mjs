// What the app with nothing installed can do.
import { cpuCells, cpuColumns, ms, whole } from './table.mjs';

export function embeddedTables(figures) {
  const rows = figures
    .all({ section: 'embedded' })
    .map((figure) => [
      figure.what,
      figure.readyMs ? `${whole(figure.readyMs)} ms` : `${whole(figure.perSecond)}/s`,
      ms(figure.p99Ms),
      ...cpuCells(figure.cpu),
      whole(figure.rssMb),
    ]);
  const columns = ['what', 'figure', 'answered p99 ms', ...cpuColumns, 'MB'];
  return rows.length === 0 ? [] : [{ title: 'The standalone app on an embedded database', columns, rows }];
}
