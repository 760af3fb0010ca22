import { PermanentError } from '@navette/domain';
import type { CsvSummary } from '../csv-summary.ts';
import { Column } from './column.ts';
import { columnNames } from './column-names.ts';

const maxColumns = 1_000;
const cellsBetweenChecks = 50_000;

/**
 * Gathers what is told of a table, record by record; the first record is the header. The values that all its columns
 * keep may take `maxValueBytes` together.
 */
export class Table {
  #columns: Column[] | undefined;
  #rows = 0;
  #raggedRows = 0;
  #uncheckedCells = 0;
  readonly #maxValueBytes: number;

  constructor(maxValueBytes = 64 * 1024 * 1024) {
    this.#maxValueBytes = maxValueBytes;
  }

  /** Takes note of a record. @throws PermanentError `invalid_csv` for a header of more than 1,000 columns. */
  add(record: readonly string[]): void {
    if (!this.#columns) {
      this.#columns = columnsOf(record);
      return;
    }
    this.#rows++;
    if (record.length !== this.#columns.length) this.#raggedRows++;
    this.#columns.forEach((column, index) => {
      column.add(record[index]);
    });
    this.#uncheckedCells += this.#columns.length;
    if (this.#uncheckedCells >= cellsBetweenChecks) this.#boundMemory(this.#columns);
  }

  /** Rows so far, without the header. */
  get rows(): number {
    return this.#rows;
  }

  /** What has been gathered. */
  summary(): CsvSummary {
    const columns = (this.#columns ?? []).map((column) => column.summary());
    return { rows: this.#rows, raggedRows: this.#raggedRows, columns };
  }

  /** Each column is bounded by itself; this bounds many large ones, the largest first. */
  #boundMemory(columns: readonly Column[]): void {
    this.#uncheckedCells = 0;
    let total = columns.reduce((sum, column) => sum + column.bytes, 0);
    while (total > this.#maxValueBytes) {
      const largest = columns.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      total -= largest.bytes;
      largest.shrink();
      total += largest.bytes;
    }
  }
}

function columnsOf(header: readonly string[]): Column[] {
  if (header.length > maxColumns) {
    throw new PermanentError(`the header has ${header.length} columns; at most ${maxColumns} are summarised`, {
      code: 'invalid_csv',
    });
  }
  return columnNames(header).map((name) => new Column(name));
}
