import { InvalidArgumentError } from 'commander';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a duration: `1500ms`, `30s`, `5m`, `2h`, `1.5d`. Gives ms. */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Write for example 500ms, 30s, 5m, 2h or 1d.');
  return Math.round(Number(amount) * unitsMs[unit]!);
}

/** Reads a moment in the past: ISO 8601, or how long ago. */
export function parsePast(text: string): Date {
  return parseMoment(text, -1);
}

/** Reads a moment in the future: ISO 8601, or how far away. */
export function parseFuture(text: string): Date {
  return parseMoment(text, 1);
}

function parseMoment(text: string, direction: 1 | -1): Date {
  if (!text.includes('-')) return new Date(Date.now() + direction * parseDuration(text));
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new InvalidArgumentError('Write a moment as 2026-01-31T12:00:00Z, or as a time from now: 30s, 5m, 2h, 1d.');
}

/** A duration for people: the two largest units. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')}s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return pair(minutes, 'm', Math.floor((ms % 60_000) / 1_000), 's');
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? pair(hours, 'h', minutes % 60, 'm') : pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** How long ago a moment was, for people; empty if there is none. */
export function ageText(moment: string | null): string {
  return moment === null ? '' : durationText(Math.max(0, Date.now() - Date.parse(moment)));
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;
}
