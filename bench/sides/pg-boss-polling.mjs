import { openBoss } from './pg-boss.mjs';

/** Its own worker, looking as often as it allows: every half second. */
export const open = (servers) =>
  openBoss(servers, ({ concurrency }) => ({ polling: { batchSize: concurrency, pollingIntervalSeconds: 0.5 } }));
