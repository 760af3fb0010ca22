import Table from 'cli-table3';
import type { Paint } from './terminal.ts';

const noBorders = Object.fromEntries(
  ['top', 'bottom', 'left', 'right'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((part) => [`${side}${part}`, '']),
  ),
);

/** A table for people: columns two spaces apart, nothing around it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const drawn = new Table({
    head: head.map((title) => paint('bold', title)),
    chars: { ...noBorders, mid: '', 'mid-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => row.map((cell) => cell)));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A text without what a terminal would act on: handlers and clients write what they like. */
export function inert(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => (control === '\n' || control === '\t' ? control : '\ufffd'));
}

/** Cuts a text to one line of a width. */
export function cut(text: string, width: number): string {
  const line = inert(text.replace(/\s+/g, ' ').trim());
  return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line;
}
