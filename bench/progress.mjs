// What one sees while it runs.

/** Tells on the terminal what is being measured, how far the section is, and what came of it. */
export function createProgressReport(write = (text) => process.stderr.write(text)) {
  const startedAt = performance.now();
  let total = 0;
  let done = 0;
  const clock = () => {
    const seconds = Math.floor((performance.now() - startedAt) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`;
  };
  return {
    phase({ name }, runs) {
      total = runs;
      done = 0;
      if (runs > 0) write(`${clock()} ${name}: ${runs} measurements\n`);
    },
    begins(id) {
      write(`${clock()} [${++done}/${total}] ${id} … `);
    },
    ends(samples) {
      write(`${samples.map(inShort).join(', ')}\n`);
    },
    fails(error) {
      write(`failed: ${error.message}\n`);
    },
  };
}

function inShort({ perSecond, readyMs, p50Ms }) {
  if (perSecond !== undefined) return `${Math.round(perSecond)}/s`;
  return readyMs === undefined ? `${p50Ms.toFixed(1)} ms` : `${Math.round(readyMs)} ms`;
}
