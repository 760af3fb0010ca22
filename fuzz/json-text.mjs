// JSON that need not be what JSON.stringify writes: repeated keys, numbers out of range, tokens that are none.

/** Written as it stands. */
export class Raw {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** An object as a list of entries, so that a key can come twice, and `__proto__` is a key like any other. */
export class Entries {
  /** @param {[string, unknown][]} list */
  constructor(list) {
    this.list = list;
  }
}

/** A plain value with its objects as {@link Entries}. */
export function entriesOf(value) {
  if (Array.isArray(value)) return value.map(entriesOf);
  if (typeof value !== 'object' || value === null) return value;
  return new Entries(Object.entries(value).map(([key, each]) => [key, entriesOf(each)]));
}

/** The text of a value. */
export function writeJson(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!(value instanceof Entries)) return JSON.stringify(value);
  return `{${value.list.map(([key, each]) => `${JSON.stringify(key)}:${writeJson(each)}`).join(',')}}`;
}
