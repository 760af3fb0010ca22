/** An item of a batch with the JSON object that its statement reads; made once, when the item comes. */
export interface Prepared<T> {
  readonly of: T;
  readonly json: string;
}

/** Prepares an item. */
export function prepare<T>(of: T, record: object): Prepared<T> {
  return { of, json: JSON.stringify(record) };
}

/** About how many bytes it is on the wire. */
export function sizeOf({ json }: Prepared<unknown>): number {
  return json.length;
}

/** The parameter of a batch statement. */
export function batchJson(batch: readonly Prepared<unknown>[]): string {
  return `[${batch.map(({ json }) => json).join(',')}]`;
}
