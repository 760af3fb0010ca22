import { keysBeyondLoopback, readSettings, required, type Settings, variables } from '@navette/adapters/container';

/** The variables that the API reads. */
export const apiVariables = {
  HOST: variables.HOST,
  PORT: variables.PORT,
  DATABASE_URL: required(variables.DATABASE_URL),
  REDIS_URL: variables.REDIS_URL,
  NAVETTE_TASKS: variables.NAVETTE_TASKS,
  NAVETTE_API_KEYS: variables.NAVETTE_API_KEYS,
  NAVETTE_MAX_BODY_BYTES: variables.NAVETTE_MAX_BODY_BYTES,
  NAVETTE_IDEMPOTENCY_DAYS: variables.NAVETTE_IDEMPOTENCY_DAYS,
  LOG_LEVEL: variables.LOG_LEVEL,
};

/** What the variables of the API say: checked, and with their defaults. */
export type ApiSettings = Settings<typeof apiVariables>;

/** Reads the settings of the API. @throws StartupError with every problem at once */
export function readApiSettings(environment: NodeJS.ProcessEnv): ApiSettings {
  return readSettings(environment, apiVariables, [keysBeyondLoopback]);
}
