/** Remembers the last keys that were added, at least `count` and at most twice as many. */
export class RecentKeys {
  readonly #count: number;
  #older = new Set<string>();
  #newer = new Set<string>();

  constructor(count: number) {
    this.#count = count;
  }

  add(key: string): void {
    this.#newer.add(key);
    if (this.#newer.size < this.#count) return;
    this.#older = this.#newer;
    this.#newer = new Set();
  }

  has(key: string): boolean {
    return this.#newer.has(key) || this.#older.has(key);
  }
}
