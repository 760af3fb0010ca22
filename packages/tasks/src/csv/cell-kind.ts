/** A number as CSV files write it. A leading zero marks an identifier (a postcode, an account), which is a text. */
const numberPattern = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const integerPattern = /^[+-]?(?:0|[1-9]\d*)$/;
const booleanPattern = /^(?:true|false|yes|no)$/i;
const datePattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** No number or date is written longer than this. */
const maxLength = 64;

/** The number a cell holds, or `undefined`. */
export function parseNumber(cell: string): number | undefined {
  if (cell.length > maxLength || !numberPattern.test(cell)) return undefined;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether a cell that holds a number is written as an integer, and one that can be held exactly. */
export function isInteger(cell: string, value: number): boolean {
  return Number.isSafeInteger(value) && integerPattern.test(cell);
}

/** Whether a cell says true or false, or yes or no. */
export function isBoolean(cell: string): boolean {
  return booleanPattern.test(cell);
}

/** The moment that an ISO 8601 date or time names, ms since 1970; without a zone it is read as UTC. */
export function parseDate(cell: string): number | undefined {
  if (cell.length > maxLength) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = datePattern.exec(cell) ?? [];
  if (day === undefined) return undefined;
  const midnight = Date.parse(`${day}T00:00Z`);
  // Date.parse takes the 30th of February for the 1st of March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const moment = Date.parse(`${day}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
  return Number.isNaN(moment) ? undefined : moment;
}
