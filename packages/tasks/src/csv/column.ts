import { cleanText } from '@navette/domain';
import { CellProfile, type ColumnKind } from './cell-profile.ts';
import { DistinctSketch, hash53 } from './distinct-sketch.ts';
import { type FrequentValue, FrequentValues } from './frequent-values.ts';
import { QuantileSketch, type WeightedNumber, weightedMedian } from './median.ts';

export type { ColumnKind } from './cell-profile.ts';
export type { FrequentValue } from './frequent-values.ts';

/** What is told of a column. Cells are taken without the spaces around them; one that is then empty is missing. */
export interface ColumnSummary {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Cells that are not missing. */
  readonly count: number;
  readonly missing: number;
  /** How many different spellings; an estimate where `approximate`, to about 2 %. */
  readonly distinct: number;
  /** Numbers as such, dates by time, anything else by its characters; `null` of an empty column. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** Of integers and numbers, else `null`. */
  readonly mean: number | null;
  /** Of integers and numbers, else `null`; where `approximate`, to about 1 % of the ranks. */
  readonly median: number | null;
  /**
   * At most five, most frequent first. Where `approximate`, only values that certainly are more frequent than any that
   * is not listed or held, and counts may be too low.
   */
  readonly mostFrequent: readonly FrequentValue[];
  /** There were too many distinct values to keep: `distinct`, `median` and `mostFrequent` are estimates. */
  readonly approximate: boolean;
}

/** Distinct values up to which a column is exact. */
export const maxExactValues = 10_000;
/** Longer cells are told apart by their start and a hash, so that they need not be kept. */
const maxKeyLength = 200;
const mostFrequentLimit = 5;

/** What takes the place of knowing every value. */
interface Estimates {
  readonly profile: CellProfile;
  readonly distinct: DistinctSketch;
  readonly quantiles: QuantileSketch;
}

/** Gathers what is told of one column. */
export class Column {
  readonly #name: string;
  readonly #values = new FrequentValues();
  #missing = 0;
  /** Absent while every value is known with its count. */
  #estimates: Estimates | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Takes note of a cell; `undefined` is one that a short row does not have. */
  add(cell: string | undefined): void {
    const text = cell?.trim() ?? '';
    if (text === '') {
      this.#missing++;
      return;
    }
    const key = text.length > maxKeyLength ? longKey(text) : text;
    this.#values.add(key);
    if (this.#estimates) note(this.#estimates, key, 1);
    if (this.#values.size > maxExactValues) this.shrink();
  }

  /** About how much memory its values take, bytes. */
  get bytes(): number {
    return this.#values.bytes;
  }

  /** Lets go of at least half of its values, and goes on by estimates. */
  shrink(): void {
    this.#estimates ??= this.#estimate();
    this.#values.shrink();
  }

  /** What has been gathered. */
  summary(): ColumnSummary {
    const estimates = this.#estimates;
    const profile = estimates?.profile ?? this.#profile();
    const { min, max } = profile.range;
    return {
      name: this.#name,
      kind: profile.kind,
      count: profile.count,
      missing: this.#missing,
      distinct: estimates ? estimates.distinct.estimate() : this.#values.size,
      min: shown(min),
      max: shown(max),
      mean: profile.mean,
      median: profile.isNumeric ? weightedMedian(estimates?.quantiles.numbers() ?? this.#numbers()) : null,
      mostFrequent: this.#values.top(mostFrequentLimit).map(({ value, count }) => ({ value: shown(value), count })),
      approximate: estimates !== undefined,
    };
  }

  #profile(): CellProfile {
    const profile = new CellProfile();
    for (const [key, count] of this.#values.entries()) profile.add(key, count);
    return profile;
  }

  #numbers(): WeightedNumber[] {
    return [...this.#values.entries()].map(([key, count]) => [Number(key), count]);
  }

  /** Estimates that know everything so far. */
  #estimate(): Estimates {
    const estimates = {
      profile: new CellProfile(),
      distinct: new DistinctSketch(),
      quantiles: new QuantileSketch(),
    };
    for (const [key, count] of this.#values.entries()) note(estimates, key, count);
    return estimates;
  }
}

function note({ profile, distinct, quantiles }: Estimates, key: string, count: number): void {
  distinct.add(key);
  const number = profile.add(key, count);
  if (number !== undefined) quantiles.add(number, count);
}

/** Made through a buffer: a slice of a text would keep all of that text in memory. */
function longKey(text: string): string {
  return `${Buffer.from(text.slice(0, maxKeyLength)).toString()} ${hash53(text).toString(36)}`;
}

function shown<T extends number | string | null>(value: T): T {
  if (typeof value !== 'string') return value;
  const start = value.length > maxKeyLength ? `${value.slice(0, maxKeyLength)}…` : value;
  return cleanText(start) as T;
}
