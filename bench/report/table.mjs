// Tables, for a terminal and for Markdown. `{ title, columns: [name, …], rows: [[cell, …], …] }`; the first column is text.

/** For a terminal. */
export function toText({ title, columns, rows }) {
  const cells = [columns, ...rows].map((row) => row.map((cell) => cell ?? ''));
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => [...String(row[at])].length)));
  const pad = (cell, at) => (isText(cells, at) ? String(cell).padEnd(widths[at]) : String(cell).padStart(widths[at]));
  const lines = cells.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd());
  return `${title}\n${lines.join('\n')}\n`;
}

/** For Markdown. */
export function toMarkdown({ title, columns, rows }) {
  const cells = [columns, ...rows].map((row) => row.map((cell) => String(cell ?? '')));
  const [head, ...rest] = cells.map((row) => `| ${row.join(' | ')} |`);
  const rule = `| ${columns.map((_, at) => (isText(cells, at) ? '---' : '---:')).join(' | ')} |`;
  return `**${title}**\n\n${[head, rule, ...rest].join('\n')}`;
}

/** A column of words, not of numbers. */
function isText(cells, at) {
  return at === 0 || cells.slice(1).some((row) => /^[a-z]{4}/i.test(row[at]));
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 12,345 */
export const whole = (number) => (Number.isFinite(number) ? grouped.format(number) : '');

/** 0.43 × */
export const ratio = (number) => (Number.isFinite(number) ? `${number.toFixed(2)} ×` : '');

/** 3.2, in ms; 0.43 below one. */
export const ms = (number) =>
  Number.isFinite(number) ? (number < 1 ? number.toFixed(2) : number < 100 ? number.toFixed(1) : whole(number)) : '';

const nameOf = {
  worker: 'worker',
  submitter: 'submitter',
  server: 'server',
  generator: 'load',
  postgres: 'PostgreSQL',
  redis: 'Redis',
};

/** Who used how much of a core, how much of the machine was busy, and how much of it its host took away. */
export function cpuCells(cpu = {}) {
  const shares = Object.entries(nameOf)
    .filter(([name]) => cpu[name] >= 1)
    .map(([name, text]) => `${text} ${whole(cpu[name])}`);
  const percent = (share) => (Number.isFinite(share) ? `${whole(share)} %` : '');
  return [shares.join(', '), percent(cpu.machine), percent(cpu.stolen)];
}

/** The columns that `cpuCells` fills. */
export const cpuColumns = ['CPU, % of one core', 'machine', 'stolen'];
