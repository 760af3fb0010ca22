import { defineTask } from '@navette/domain';
import type { Agent } from 'undici';
import { z } from 'zod';
import type { ColumnSummary } from './csv/column.ts';
import { type AddressGuard, createAddressGuard } from './http/address-guard.ts';
import { targetUrl } from './http/target-url.ts';

const payload = z
  .strictObject({
    text: z.string().max(10_000_000).optional(),
    url: targetUrl.optional(),
    delimiter: z
      .string()
      .regex(/^[^"\r\n]$/, 'must be one character, and neither a quote nor a line break')
      .default(','),
  })
  .refine(({ text, url }) => (text === undefined) !== (url === undefined), 'give either text or url')
  .meta({ oneOf: [{ required: ['text'] }, { required: ['url'] }] });

/** The payload of a `csv.summary`, its defaults filled in. */
export type CsvSummaryPayload = z.output<typeof payload>;

/** What a `csv.summary` returns. */
export interface CsvSummary {
  /** Rows below the header; empty lines are not counted. */
  readonly rows: number;
  /** Rows with more or fewer cells than the header; cells beyond it are left out, absent ones are missing. */
  readonly raggedRows: number;
  readonly columns: readonly ColumnSummary[];
}

/**
 * Defines `csv.summary`: describes each column of a CSV file in UTF-8 (or UTF-16 with a byte order mark) whose first row
 * is its header. Memory is bounded whatever the size of the file. Malformed CSV is a permanent error, `invalid_csv`.
 *
 * @param guard which addresses a `url` may reach; default: public ones
 */
export function defineCsvSummary(guard: AddressGuard = createAddressGuard([])) {
  let agent: Agent | undefined;
  return defineTask({
    type: 'csv.summary',
    description:
      'Describes each column of a CSV, given as text or by url: kind, distinct values, range, mean, median …',
    payload,
    timeoutMs: 10 * 60_000,
    handler: async (source, context): Promise<CsvSummary> => {
      const { createGuardedAgent } = await import('./http/guarded-agent.ts');
      const { summarise } = await import('./csv/summarise.ts');
      agent ??= createGuardedAgent(guard);
      return summarise(source, agent, context);
    },
  });
}

/** `csv.summary`, of files at public addresses. */
export const csvSummary = defineCsvSummary();
