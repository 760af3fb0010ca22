import { isBoolean, isInteger, parseDate, parseNumber } from './cell-kind.ts';
import { CompensatedSum } from './compensated-sum.ts';

/** The narrowest kind that all cells of a column are of; `empty` if there are none. */
export type ColumnKind = 'integer' | 'number' | 'boolean' | 'date' | 'text' | 'empty';

/** What can be told of cells one after the other, in constant memory. */
export class CellProfile {
  #count = 0;
  /** The kinds that every cell so far is of. */
  #allIntegers = true;
  #allNumbers = true;
  #allBooleans = true;
  #allDates = true;
  readonly #sum = new CompensatedSum();
  readonly #numbers = new Extremes<number>();
  readonly #dates = new Extremes<number>();
  readonly #texts = new Extremes<string>();

  /** Takes note of a cell that occurred `weight` times. @returns the number it holds, while all cells hold numbers. */
  add(cell: string, weight: number): number | undefined {
    this.#count += weight;
    this.#texts.add(cell, cell);
    if (this.#allBooleans) this.#allBooleans = isBoolean(cell);
    if (this.#allDates) this.#addDate(cell);
    return this.#allNumbers ? this.#addNumber(cell, weight) : undefined;
  }

  /** Cells noted, by their weight. */
  get count(): number {
    return this.#count;
  }

  get kind(): ColumnKind {
    if (this.#count === 0) return 'empty';
    if (this.#allNumbers) return this.#allIntegers ? 'integer' : 'number';
    if (this.#allBooleans) return 'boolean';
    return this.#allDates ? 'date' : 'text';
  }

  /** Whether every cell held a number. */
  get isNumeric(): boolean {
    return this.#count > 0 && this.#allNumbers;
  }

  /** The mean of a numeric column; `null` of any other, and where it is beyond the range of numbers. */
  get mean(): number | null {
    const mean = this.#sum.total / this.#count;
    return this.isNumeric && Number.isFinite(mean) ? mean : null;
  }

  /** Least and greatest: numbers as such, dates by time, anything else by its characters. */
  get range(): { min: number | string | null; max: number | string | null } {
    if (this.isNumeric) return { min: this.#numbers.least ?? null, max: this.#numbers.greatest ?? null };
    const { leastCell, greatestCell } = this.kind === 'date' ? this.#dates : this.#texts;
    return { min: leastCell ?? null, max: greatestCell ?? null };
  }

  #addDate(cell: string): void {
    const moment = parseDate(cell);
    if (moment === undefined) this.#allDates = false;
    else this.#dates.add(moment, cell);
  }

  #addNumber(cell: string, weight: number): number | undefined {
    const value = parseNumber(cell);
    if (value === undefined) {
      this.#allNumbers = false;
      return undefined;
    }
    if (this.#allIntegers) this.#allIntegers = isInteger(cell, value);
    this.#numbers.add(value, cell);
    this.#sum.add(value * weight);
    return value;
  }
}

/** The cells with the least and the greatest key. */
class Extremes<K extends number | string> {
  least: K | undefined;
  leastCell: string | undefined;
  greatest: K | undefined;
  greatestCell: string | undefined;

  add(key: K, cell: string): void {
    if (this.least === undefined || key < this.least) {
      this.least = key;
      this.leastCell = cell;
    }
    if (this.greatest === undefined || key > this.greatest) {
      this.greatest = key;
      this.greatestCell = cell;
    }
  }
}
