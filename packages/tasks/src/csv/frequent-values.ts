/** A value and how often it occurred. */
export interface FrequentValue {
  readonly value: string;
  readonly count: number;
}

/**
 * Counts values. Exact until it is shrunk; from then on a Misra–Gries summary, in the form of Anderson et al., "A
 * High-Performance Algorithm for Identifying Frequent Items in Data Streams" (2017): a count may be too low, by
 * {@link maxError} at most, and a value that is not held occurred no more often than that.
 */
export class FrequentValues {
  readonly #counts = new Map<string, number>();
  #maxError = 0;
  #characters = 0;

  /** Counts one occurrence. */
  add(value: string): void {
    const count = this.#counts.get(value);
    if (count === undefined) this.#characters += value.length;
    this.#counts.set(value, (count ?? 0) + 1);
  }

  /** How many values it holds. */
  get size(): number {
    return this.#counts.size;
  }

  /** About how much memory it takes, bytes. */
  get bytes(): number {
    return this.#counts.size * 96 + this.#characters;
  }

  /** The most by which a count may be too low; 0 while counts are exact. */
  get maxError(): number {
    return this.#maxError;
  }

  /** What it holds, in order of first occurrence. */
  entries(): IterableIterator<[value: string, count: number]> {
    return this.#counts.entries();
  }

  /** Lowers every count by the median count and lets go of the values that are used up: at least half of them. */
  shrink(): void {
    const sorted = Float64Array.from(this.#counts.values()).sort();
    const cut = sorted[Math.floor(sorted.length / 2)] ?? 0;
    for (const [value, count] of this.#counts) {
      if (count > cut) this.#counts.set(value, count - cut);
      else {
        this.#counts.delete(value);
        this.#characters -= value.length;
      }
    }
    this.#maxError += cut;
  }

  /** The most frequent values, at most `limit`; of a summary only those that certainly outnumber what it let go. */
  top(limit: number): FrequentValue[] {
    const top: FrequentValue[] = [];
    for (const [value, count] of this.#counts) {
      const last = top.at(-1);
      if (count <= this.#maxError || (top.length === limit && last && count <= last.count)) continue;
      if (top.length === limit) top.pop();
      top.push({ value, count });
      top.sort((a, b) => b.count - a.count);
    }
    return top;
  }
}
