import { openBoss } from './pg-boss.mjs';

/** A whole batch per fetch and per completion. */
export const open = (servers) => openBoss(servers, ({ concurrency }) => ({ loops: 1, batchSize: concurrency }));
