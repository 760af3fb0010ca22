import { pipeline } from 'node:stream/promises';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { type HandlerContext, PermanentError } from '@navette/domain';
import { CsvError, parse } from 'csv-parse';
import type { Agent } from 'undici';
import type { CsvSummary, CsvSummaryPayload } from '../csv-summary.ts';
import { exchange, type HttpResponse } from '../http/exchange.ts';
import { networkError } from '../http/exchange-error.ts';
import { failureOf } from '../http/response-failure.ts';
import { Table } from './table.ts';

/** The longest record, bytes: a quote that is not closed would otherwise swallow the rest of the file. */
const maxRecordBytes = 1024 * 1024;
const bytesBetweenReports = 4 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/** A file to be read. */
interface Source {
  readonly chunks: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** `null` if that is not known. */
  readonly totalBytes: number | null;
}

/** Does what a `csv.summary` task asks for. */
export async function summarise(
  payload: CsvSummaryPayload,
  agent: Agent,
  context: HandlerContext,
): Promise<CsvSummary> {
  const { signal } = context;
  const source =
    payload.url === undefined ? textSource(payload.text ?? '') : await openUrl(new URL(payload.url), agent, signal);
  const table = new Table();
  const parser = parse({
    bom: true,
    delimiter: payload.delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecordBytes,
    // Records are taken here, and none is passed on, so nothing waits to be read.
    on_record: (record: string[]) => {
      table.add(record);
      return null;
    },
  });
  try {
    await pipeline(metered(source, table, context), parser, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CsvError)) throw error;
    throw new PermanentError(`the CSV is malformed: ${error.message}`, { code: 'invalid_csv' });
  }
  return table.summary();
}

function textSource(text: string): Source {
  const bytes = Buffer.from(text);
  return { chunks: slices(bytes), totalBytes: bytes.length };
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
}

async function openUrl(url: URL, agent: Agent, signal: AbortSignal): Promise<Source> {
  const headers = { accept: 'text/csv, text/plain;q=0.9, */*;q=0.8', 'user-agent': 'navette' };
  const response = await exchange({ method: 'GET', url, headers }, { agent, signal });
  if (response.status < 200 || response.status > 299) throw await failureOf(response);
  const length = response.headers['content-encoding'] === undefined && response.headers['content-length'];
  return { chunks: chunksOf(response, signal), totalBytes: length ? Number(length) : null };
}

async function* chunksOf(response: HttpResponse, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* response.body as AsyncIterable<Buffer>;
  } catch (error) {
    signal.throwIfAborted();
    throw networkError(response.request, error);
  }
}

/** Passes chunks on, reports how far the work is, and lets others have their turn in between. */
async function* metered(source: Source, table: Table, context: HandlerContext): AsyncGenerator<Buffer> {
  let done = 0;
  let reported = 0;
  for await (const chunk of source.chunks) {
    yield chunk;
    done += chunk.length;
    if (done - reported >= bytesBetweenReports) {
      reported = done;
      await context.progress({ done, total: source.totalBytes, rows: table.rows });
    }
    await turnOfTheLoop();
  }
}
