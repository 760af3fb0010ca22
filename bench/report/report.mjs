// Everything that a run has to say, as tables.
import { budgetTable } from './budgets.mjs';
import { embeddedTables } from './embedded-tables.mjs';
import { createFigures } from './figures.mjs';
import { growthTables } from './growth-tables.mjs';
import { latencyTables } from './latency-tables.mjs';
import { processingTables } from './processing-tables.mjs';
import { sidesTable } from './sides.mjs';
import { submissionTables } from './submission-tables.mjs';
import { toText } from './table.mjs';

/** All tables of a run, budgets first. */
export function tablesOf(run) {
  const figures = createFigures(run.results);
  return [
    budgetTable(figures),
    ...submissionTables(figures),
    ...processingTables(figures),
    ...latencyTables(figures),
    ...growthTables(figures),
    ...embeddedTables(figures),
    sidesTable(figures),
  ].filter(({ rows }) => rows.length > 0);
}

/** What it was measured on, in one line. */
export function machineLine({ machine, servers, rounds, quick, startedAt }) {
  const { postgres, redis } = servers;
  const parts = [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}`,
    `PostgreSQL ${postgres.server_version} (fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronous_commit}, shared_buffers ${postgres.shared_buffers})`,
    `Redis ${redis.version} (appendfsync ${redis.appendfsync})`,
    `${rounds} round${rounds === 1 ? '' : 's'}${quick ? ', quick: a smoke, not a measurement' : ''}, ${startedAt.slice(0, 10)}`,
  ];
  return parts.join(' · ');
}

/** For the terminal. */
export function printedReport(run) {
  const failed = createFigures(run.results).failed.map(({ id, failed }) => `  ${id}: ${failed.split('\n')[0]}`);
  const texts = tablesOf(run).map(toText);
  if (failed.length > 0) texts.push(`FAILED\n${failed.join('\n')}\n`);
  return `${machineLine(run)}\n\n${texts.join('\n')}`;
}
