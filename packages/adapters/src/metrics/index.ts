export { createMetrics, type Metrics, metricsMediaType } from './metrics.ts';
export { addStoreMetrics } from './store-metrics.ts';
export { addWorkerMetrics } from './worker-metrics.ts';
