// The order of a run: every measurement once per round, round after round, so that a slow minute of the machine falls on all.

/**
 * Runs measurements `{ id, side, rounds, figures, run }`. `run` answers with one sample for each of its `figures`
 * `{ id, section, side, … }`, or throws.
 * @param results of earlier phases, by id; what is measured again gets further samples
 * @param report is told what happens
 */
export async function runRounds({ measurements, results, servers, report }) {
  const most = Math.max(0, ...measurements.map(({ rounds }) => rounds));
  const inTurn = takeTurns(measurements);
  for (let round = 1; round <= most; round++) {
    for (const { id, rounds, figures, run } of inTurn) {
      if (rounds < round) continue;
      report.begins(id);
      try {
        await servers.clean();
        const samples = [await run(servers)].flat();
        for (const [at, figure] of figures.entries()) keep(results, figure, samples[at]);
        report.ends(samples);
      } catch (error) {
        for (const figure of figures) keep(results, figure, { failed: error.message });
        report.fails(error);
      }
    }
  }
}

/** The first measurement of each side, then the second of each, and so on. */
function takeTurns(measurements) {
  const bySide = new Map();
  for (const measurement of measurements) {
    bySide.set(measurement.side, [...(bySide.get(measurement.side) ?? []), measurement]);
  }
  const turns = Math.max(0, ...[...bySide.values()].map(({ length }) => length));
  return Array.from({ length: turns }, (_, turn) => [...bySide.values()].flatMap((of) => of[turn] ?? [])).flat();
}

function keep(results, figure, { failed, ...sample }) {
  const result = results.get(figure.id) ?? { ...figure, samples: [] };
  results.set(figure.id, result);
  if (failed) result.failed = failed;
  else result.samples.push(sample);
}

/** How many measurements a run will take. */
export const countRuns = (measurements) => measurements.reduce((sum, { rounds }) => sum + rounds, 0);
