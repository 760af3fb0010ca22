import type { AttemptObserver } from '@navette/domain';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The metrics of one process, in the format of Prometheus. */
export interface Metrics {
  /** Where further ones are added. */
  readonly registry: Registry;
  /** Counts attempts by how they end, and how long their handlers ran. */
  readonly observeAttempt: AttemptObserver;
  /** Counts a request over HTTP by its route as it is written in the code, never by its path. */
  observeRequest(method: string, route: string, status: number, tookMs: number): void;
  /** Counts what one statement of the store wrote or read together. */
  observeBatch(rows: number): void;
  /** What is asked before each scrape, so that its gauges are of that moment. Must not reject. */
  refresh(before: () => Promise<void> | void): void;
  /** All of it as text; see {@link metricsMediaType}. */
  text(): Promise<string>;
}

/** The media type of the text. */
export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8';

/** Seconds, from a quick handler to one that runs for an hour. */
const attemptBuckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 3_600];
/** Seconds, up to the longest that a request may wait. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60];
const batchBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/** Makes the metrics of this process, those of Node among them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const attempts = new Counter({
    name: 'navette_attempts_total',
    help: 'Attempts that ended in this process, by how they ended.',
    labelNames: ['queue', 'type', 'outcome'],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: 'navette_attempt_duration_seconds',
    help: 'How long the handlers of attempts ran.',
    labelNames: ['queue', 'type'],
    buckets: attemptBuckets,
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'navette_http_request_duration_seconds',
    help: 'How long requests took until they were answered: until its head, for a stream of events.',
    labelNames: ['method', 'route', 'status'],
    buckets: requestBuckets,
    registers,
  });
  const batchRows = new Histogram({
    name: 'navette_store_batch_rows',
    help: 'How many calls one statement of the store carried.',
    buckets: batchBuckets,
    registers,
  });
  const refreshes: (() => Promise<void> | void)[] = [];
  return {
    registry,
    observeAttempt: ({ queue, type }, outcome, ranMs) => {
      attempts.inc({ queue, type, outcome });
      attemptSeconds.observe({ queue, type }, ranMs / 1000);
    },
    observeRequest: (method, route, status, tookMs) => requestSeconds.observe({ method, route, status }, tookMs / 1000),
    observeBatch: (rows) => batchRows.observe(rows),
    refresh: (before) => void refreshes.push(before),
    text: async () => {
      await Promise.all(refreshes.map((before) => before()));
      return registry.metrics();
    },
  };
}
