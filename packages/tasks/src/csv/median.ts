/** A number and how often it occurred. */
export type WeightedNumber = readonly [value: number, weight: number];

/** The median of numbers that occurred as often as their weights say; `null` of none. */
export function weightedMedian(numbers: readonly WeightedNumber[]): number | null {
  const sorted = numbers.toSorted(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  if (total === 0) return null;
  const lower = numberAt(sorted, Math.floor((total - 1) / 2));
  const upper = numberAt(sorted, Math.floor(total / 2));
  return lower === upper ? lower : lower / 2 + upper / 2;
}

function numberAt(sorted: readonly WeightedNumber[], position: number): number {
  let passed = 0;
  for (const [value, weight] of sorted) {
    passed += weight;
    if (passed > position) return value;
  }
  return Number.NaN;
}

/** How many numbers a level holds before it is halved. */
const levelSize = 512;

/**
 * Keeps a sample of numbers from which their median can be told, to about 1 % of their ranks: a stack of compactors,
 * as in Karnin, Lang, Liberty, "Optimal Quantile Approximation in Streams" (2016). A number in level n stands for 2ⁿ.
 */
export class QuantileSketch {
  readonly #levels: { numbers: number[]; offset: 0 | 1 }[] = [];

  /** Takes note of a number that occurred `weight` times, an integer ≥ 1. */
  add(value: number, weight = 1): void {
    for (let level = 0, left = weight; left > 0; level++, left = Math.floor(left / 2)) {
      this.#levels[level] ??= { numbers: [], offset: 0 };
      if (left % 2 === 1) this.#put(value, level);
    }
  }

  /** The sample. */
  numbers(): WeightedNumber[] {
    return this.#levels.flatMap(({ numbers }, level) => numbers.map((value) => [value, 2 ** level] as const));
  }

  #put(value: number, at: number): void {
    this.#levels[at] ??= { numbers: [], offset: 0 };
    const level = this.#levels[at];
    level.numbers.push(value);
    if (level.numbers.length < levelSize) return;
    const sorted = level.numbers.sort((a, b) => a - b);
    level.numbers = [];
    // Every other number moves up. Taking the odd and the even ones by turns keeps the error from adding up, and the
    // same file gives the same answer again.
    for (let i: number = level.offset; i < sorted.length; i += 2) this.#put(sorted[i]!, at + 1);
    level.offset = level.offset === 0 ? 1 : 0;
  }
}
