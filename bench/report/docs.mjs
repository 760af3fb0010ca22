// A run's tables and plots where people read them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createFigures } from './figures.mjs';
import { plotsOf } from './plots.mjs';
import { machineLine, tablesOf } from './report.mjs';
import { scalingTables } from './scaling-tables.mjs';
import { toMarkdown } from './table.mjs';

const docs = new URL('../../docs/', import.meta.url);
const [begin, end] = ['<!-- figures: written by the bench -->', '<!-- end of figures -->'];

/** Replaces the figures in docs/benchmarks.md and the plots beside it. */
export async function writeDocs(run) {
  const folder = new URL('benchmarks/', docs);
  const plots = plotsOf(createFigures(run.results));
  await mkdir(folder, { recursive: true });
  for (const [name, svg] of Object.entries(plots)) await writeFile(new URL(name, folder), svg);
  const pictures = Object.keys(plots).map((name) => `![${name.slice(0, -4).replaceAll('-', ' ')}](benchmarks/${name})`);
  await replaceFigures('benchmarks.md', [`${machineLine(run)}.`, ...pictures, ...tablesOf(run).map(toMarkdown)]);
}

/** Replaces the figures in docs/scaling.md. */
export async function writeScalingDocs(run) {
  await replaceFigures('scaling.md', [`${machineLine(run)}.`, ...scalingTables(run).map(toMarkdown)]);
}

async function replaceFigures(name, parts) {
  const page = new URL(name, docs);
  const text = await readFile(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/${name} has lost the marks between which the figures stand`);
  await writeFile(page, `${text.slice(0, from)}${begin}\n\n${parts.join('\n\n')}\n${text.slice(to)}`);
}
