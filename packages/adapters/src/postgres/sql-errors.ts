import { NavetteError, StoreUnavailableError } from '@navette/domain';

/** The schema was made by a newer version of Navette: waiting does not mend it. */
export class SchemaNewerError extends Error {
  override readonly name = 'SchemaNewerError';
  readonly code = 'schema_newer';
  constructor(schema: string, unknownStep: string) {
    super(`the schema ${schema} has the step ${unknownStep}, which this version does not know`);
  }
}

/** A statement or a connection took longer than its deadline, ms; it is unknown what became of it. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/**
 * What an error means for what was being written.
 * - `refused`: PostgreSQL cannot take a value of it;
 * - `blocked`: another transaction is in the way, it may be written later;
 * - `lost`: the connection broke, it may have been written;
 * - `failed`: anything else.
 */
export type WriteVerdict = 'refused' | 'blocked' | 'lost' | 'failed';

/** Tells errors of a write apart. */
export function verdictOf(error: unknown): WriteVerdict {
  const sqlState = sqlStateOf(error);
  if (sqlState === undefined) return isConnectionLost(error) ? 'lost' : 'failed';
  if (blockedStates.has(sqlState)) return 'blocked';
  if (lostStates.has(sqlState)) return 'lost';
  return refusedClasses.has(sqlState.slice(0, 2)) ? 'refused' : 'failed';
}

/** Whether waiting cannot mend what keeps a connection from being made: credentials, a database that does not exist. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof SchemaNewerError) return true;
  const sqlState = sqlStateOf(error);
  if (sqlState !== undefined) return sqlState.startsWith('28') || sqlState === '3D000';
  // `pg` itself, when the server wants a password and there is none.
  return error instanceof Error && (error.message.startsWith('SASL') || codeOf(error) === 'ERR_INVALID_URL');
}

/** Whether PostgreSQL ended a statement because it took longer than its `statement_timeout`. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '57014';
}

/**
 * The error as the domain knows it. What PostgreSQL said stays in `cause`: its texts quote statements and values.
 */
export function toDomainError(error: unknown): Error {
  if (error instanceof NavetteError) return error;
  if (isUnavailable(error)) return new StoreUnavailableError('the database does not answer', { cause: error });
  // A mistake in the code, not an answer of the database.
  if (error instanceof Error && error.name !== 'Error' && sqlStateOf(error) === undefined) return error;
  return new Error('the database refused a statement', { cause: error });
}

// Lock timeout, deadlock, serialization failure.
const blockedStates = new Set(['55P03', '40P01', '40001']);
// The session was ended by an administrator or by a crash.
const lostStates = new Set(['57P01', '57P02', '08003', '08006']);
// Data, integrity, program limits.
const refusedClasses = new Set(['22', '23', '54']);
// Connection, resources, operator intervention, system, lock or transaction limits, credentials.
const unavailableClasses = new Set(['08', '25', '28', '40', '53', '55', '57', '58', 'XX']);
// No such database, schema, table or column: not migrated yet.
const notMigratedStates = new Set(['3D000', '3F000', '42P01', '42703']);

function isUnavailable(error: unknown): boolean {
  if (error instanceof DeadlineError) return true;
  const sqlState = sqlStateOf(error);
  if (sqlState !== undefined) return unavailableClasses.has(sqlState.slice(0, 2)) || notMigratedStates.has(sqlState);
  // `pg` and the sockets of Node throw plain errors.
  return error instanceof Error && (error.name === 'Error' || error.name === 'AggregateError');
}

/** The SQLSTATE of an error of PostgreSQL, five characters; `undefined` for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !systemCodes.has(code) ? code : undefined;
}

// Error codes of the operating system that look like a SQLSTATE.
const systemCodes = new Set(['EPIPE', 'EPERM', 'EBUSY', 'EBADF', 'EPROTO']);

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const lostCodes = new Set(['ECONNRESET', 'EPIPE']);
const lostMessages = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
  'This socket has been ended',
];

function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return lostCodes.has(codeOf(error) ?? '') || lostMessages.some((text) => error.message.startsWith(text));
}

/** The same functions, all of which answer promises; what they reject with is translated by {@link toDomainError}. */
export function withDomainErrors<T extends object>(role: T): T {
  const translated = Object.entries(role).map(([name, call]) => [
    name,
    (...values: unknown[]) => (call as (...values: unknown[]) => Promise<unknown>)(...values).catch(rethrow),
  ]);
  return Object.fromEntries(translated) as T;
}

function rethrow(error: unknown): never {
  throw toDomainError(error);
}
