import { openGraphile } from './graphile-worker.mjs';

/** With the settings of the peer's own performance page: https://worker.graphile.org/docs/performance */
export const open = (servers) =>
  openGraphile(servers, { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 });
