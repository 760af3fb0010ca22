import { healthPort, readSettings, required, type Settings, variables } from '@navette/adapters/container';

/** The variables that a worker reads. */
export const workerVariables = {
  HOST: variables.HOST,
  PORT: healthPort,
  DATABASE_URL: required(variables.DATABASE_URL),
  REDIS_URL: variables.REDIS_URL,
  NAVETTE_QUEUES: variables.NAVETTE_QUEUES,
  NAVETTE_TASKS: variables.NAVETTE_TASKS,
  NAVETTE_API_KEYS: variables.NAVETTE_API_KEYS,
  NAVETTE_HTTP_ALLOW: variables.NAVETTE_HTTP_ALLOW,
  NAVETTE_RETENTION_DAYS: variables.NAVETTE_RETENTION_DAYS,
  NAVETTE_IDEMPOTENCY_DAYS: variables.NAVETTE_IDEMPOTENCY_DAYS,
  NAVETTE_SHUTDOWN_MS: variables.NAVETTE_SHUTDOWN_MS,
  LOG_LEVEL: variables.LOG_LEVEL,
};

/** What the variables of a worker say: checked, and with their defaults. */
export type WorkerSettings = Settings<typeof workerVariables>;

/** Reads the settings of a worker. @throws StartupError with every problem at once */
export function readWorkerSettings(environment: NodeJS.ProcessEnv): WorkerSettings {
  return readSettings(environment, workerVariables);
}
