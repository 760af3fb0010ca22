/**
 * Values by key, for many short lives. A Map that values come into and leave all the time keeps the left ones alive: the
 * tables it has outgrown hold them until a full collection of garbage. Here the Map has but places.
 */
export class Registry<Value> {
  readonly #places = new Map<string, number>();
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get(key: string): Value | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Adds a value; its key must be free. */
  add(key: string, value: Value): void {
    const place = this.#free.pop() ?? this.#values.length;
    this.#values[place] = value;
    this.#places.set(key, place);
  }

  delete(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
  }

  /** All values, in no order. */
  all(): Value[] {
    return this.#values.filter((value) => value !== undefined);
  }
}
