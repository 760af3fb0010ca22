import { blockEventLoop } from './block-event-loop.mjs';
import { crashInHandler } from './crash-in-handler.mjs';
import { cutWorkers } from './cut-workers.mjs';
import { evictJobs } from './evict-jobs.mjs';
import { fillDisk } from './fill-disk.mjs';
import { flushRedis } from './flush-redis.mjs';
import { freezePostgres } from './freeze-postgres.mjs';
import { freezeRedis } from './freeze-redis.mjs';
import { freezeStandalone } from './freeze-standalone.mjs';
import { freezeWorker } from './freeze-worker.mjs';
import { killApi } from './kill-api.mjs';
import { killPostgres } from './kill-postgres.mjs';
import { killRedis } from './kill-redis.mjs';
import { killStandalone } from './kill-standalone.mjs';
import { killWorker } from './kill-worker.mjs';
import { loseRedisReplies } from './lose-redis-replies.mjs';
import { loseReplies } from './lose-replies.mjs';
import { migrateSchema } from './migrate-schema.mjs';
import { olderWorker } from './older-worker.mjs';
import { poisonTask } from './poison-task.mjs';
import { restartPostgres } from './restart-postgres.mjs';
import { restartRedis } from './restart-redis.mjs';
import { staleRedis } from './stale-redis.mjs';
import { stopStandalone } from './stop-standalone.mjs';
import { stopWorker } from './stop-worker.mjs';
import { terminateBackends } from './terminate-backends.mjs';

/**
 * All faults. First those whose effect comes a lease later, then those on the broker and the API, and last those on
 * PostgreSQL, after which nobody is declared lost for another lease. @type {import('./fault.mjs').Fault[]}
 */
export const faults = [
  blockEventLoop,
  freezeWorker,
  killWorker,
  crashInHandler,
  poisonTask,
  killStandalone,
  stopStandalone,
  freezeStandalone,
  stopWorker,
  olderWorker,
  killApi,
  flushRedis,
  evictJobs,
  freezeRedis,
  loseRedisReplies,
  restartRedis,
  staleRedis,
  killRedis,
  terminateBackends,
  cutWorkers,
  loseReplies,
  migrateSchema,
  fillDisk,
  restartPostgres,
  freezePostgres,
  killPostgres,
];
