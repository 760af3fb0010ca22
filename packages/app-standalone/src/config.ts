import { keysBeyondLoopback, readSettings, type Settings, variables } from '@navette/adapters/container';

/** What the variables of the standalone app say; it reads every one. */
export type StandaloneSettings = Settings<typeof variables>;

/** Reads the settings of the standalone app. @throws StartupError with every problem at once */
export function readStandaloneSettings(environment: NodeJS.ProcessEnv): StandaloneSettings {
  return readSettings(environment, variables, [keysBeyondLoopback]);
}
