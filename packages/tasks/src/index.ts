import type { AnyTaskType } from '@navette/domain';
import { defineCsvSummary } from './csv-summary.ts';
import { demoEcho } from './demo-echo.ts';
import { demoFail } from './demo-fail.ts';
import { demoFlaky } from './demo-flaky.ts';
import { demoSleep } from './demo-sleep.ts';
import { createAddressGuard } from './http/address-guard.ts';
import { defineHttpRequest } from './http-request.ts';

export type { ColumnKind, ColumnSummary, FrequentValue } from './csv/column.ts';
export { type CsvSummary, type CsvSummaryPayload, csvSummary, defineCsvSummary } from './csv-summary.ts';
export { demoEcho } from './demo-echo.ts';
export { demoFail } from './demo-fail.ts';
export { demoFlaky } from './demo-flaky.ts';
export { demoSleep } from './demo-sleep.ts';
export { type AddressGuard, createAddressGuard } from './http/address-guard.ts';
export { defineHttpRequest, type HttpRequestPayload, type HttpRequestResult, httpRequest } from './http-request.ts';
export { loadTaskModule } from './load-task-module.ts';

/** What the built-in types may do. */
export interface BuiltInTaskOptions {
  /** Address ranges that `http.request` and `csv.summary` may reach although they are not public. */
  readonly httpAllow?: readonly string[] | undefined;
}

/**
 * The built-in catalogue, all of it on the queue `default`. What its handlers need is loaded when one first runs.
 * @throws RangeError for a range in `httpAllow` that is none.
 */
export function builtInTasks(options: BuiltInTaskOptions = {}): readonly AnyTaskType[] {
  const guard = createAddressGuard(options.httpAllow ?? []);
  return [demoEcho, demoSleep, demoFlaky, demoFail, defineHttpRequest(guard), defineCsvSummary(guard)];
}

/** The built-in catalogue, reaching public addresses only. */
export default builtInTasks();
