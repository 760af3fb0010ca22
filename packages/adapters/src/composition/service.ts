import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Log } from '@navette/domain';
import { createSystem } from '../system/index.ts';
import { loadPostgres, type StoreSettings } from './load-postgres.ts';
import { createLogger, hidePasswords } from './logger.ts';
import { describeVariables, type Variables } from './settings.ts';
import { createShutdownList, type ShutdownList } from './shutdown.ts';
import { StartupError } from './startup-error.ts';
import { startupErrorOf } from './startup-problem.ts';

/** What every process reads. */
interface CommonSettings extends StoreSettings {
  readonly LOG_LEVEL: string;
}

/** A process of Navette: its name, what it reads from the environment, and how it starts. */
export interface Service<S extends CommonSettings> {
  /** As in log lines: `navette-api`. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Its `package.json`, for `--version`. */
  readonly manifest: URL;
  readonly variables: Variables;
  /** @throws StartupError */
  readonly readSettings: (environment: NodeJS.ProcessEnv) => S;
  /** Starts; resolves once everything that can be waited for is waited for in the background. */
  readonly start: (context: ServiceContext<S>) => Promise<void>;
}

/** What a service starts with. */
export interface ServiceContext<S> {
  readonly settings: S;
  /** Of the app. */
  readonly version: string;
  readonly log: Log;
  /** What is to be stopped before the process ends. */
  readonly shutdown: ShutdownList;
  /** Ends the process because of an error in the background: exit code 2 where waiting cannot mend it, else 1. */
  readonly fail: (error: unknown) => void;
}

/** One Ctrl-C reaches a process under npm twice: from the terminal and from npm. A person takes longer. */
const sameSignalMs = 500;

/**
 * Runs a service as this process, from its command line to its exit code. A first SIGTERM or SIGINT stops it cleanly
 * (0), a second one at once (128 + number); it ends with 2 for what waiting cannot mend, and with 1 after an error that
 * nobody handled. With `--migrate` it brings the schema up to date instead, and ends (0, or 1 if it was stopped before).
 */
export async function runService<S extends CommonSettings>(service: Service<S>): Promise<void> {
  const { version } = JSON.parse(readFileSync(service.manifest, 'utf8')) as { version: string };
  const [argument] = process.argv.slice(2);
  const migrates = argument === '--migrate';
  if (argument !== undefined && !migrates) return answerArgument(service, version, argument);
  const settings = settingsOrExit(service);
  const log = await createLogger(service.name, settings.LOG_LEVEL);
  const shutdown = createShutdownList(log);
  // A connection that is down keeps no process alive, and neither do timers of the domain.
  const letGo = createSystem().keepAlive();
  let endingSince: number | undefined;

  const end = async (code: number) => {
    endingSince ??= performance.now();
    await shutdown.run();
    letGo();
    process.exit(code);
  };
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    if (endingSince === undefined) {
      log.info({ signal }, 'stopping; a second signal ends the process at once');
      void end(migrates ? 1 : 0);
    } else if (performance.now() - endingSince > sameSignalMs) process.exit(128 + constants.signals[signal]);
  };
  const fail = (error: unknown) => {
    const startupError = startupErrorOf(error);
    if (startupError) report(service.name, startupError);
    else log.error({ err: error }, 'ends because of an error that nobody handled');
    if (endingSince === undefined) void end(startupError ? 2 : 1);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('unhandledRejection', fail).on('uncaughtException', fail);
  const context: ServiceContext<S> = { settings, version, log, shutdown, fail };
  const migrateAndEnd = async () => {
    await migrate(context);
    await end(0);
  };
  await (migrates ? migrateAndEnd() : service.start(context)).catch(fail);
}

/** Waits for the database and brings its schema up to date. @throws SchemaNewerError */
async function migrate(context: ServiceContext<StoreSettings>): Promise<void> {
  const openStore = await loadPostgres(context);
  await openStore().ready;
  context.log.info({}, 'the schema is up to date');
}

/** Answers a command line that asks for something else than running. */
function answerArgument<S extends CommonSettings>(service: Service<S>, version: string, argument: string): void {
  if (argument === '--version') process.stdout.write(`${version}\n`);
  else if (argument === '--help') process.stdout.write(usage(service, version));
  else {
    report(
      service.name,
      new StartupError([`unknown argument ${argument}; everything is set in the environment, see --help`]),
    );
    process.exitCode = 2;
  }
}

function usage<S extends CommonSettings>({ name, summary, variables }: Service<S>, version: string): string {
  const table = describeVariables(variables);
  const options = '  --migrate  brings the schema up to date, and ends\n  --version\n  --help';
  return `${name} ${version}\n${summary}\n\nOptions:\n${options}\n\nEnvironment (an empty variable counts as unset):\n${table}\n`;
}

function settingsOrExit<S extends CommonSettings>(service: Service<S>): S {
  try {
    return service.readSettings(process.env);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    report(service.name, error);
    process.exit(2);
  }
}

function report(name: string, { problems }: StartupError): void {
  for (const problem of problems) process.stderr.write(`${name}: ${hidePasswords(problem)}\n`);
}
