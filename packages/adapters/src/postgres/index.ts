export { createPostgresBroker, type PostgresBrokerOptions } from './broker.ts';
export { createHotPool, createSearchPool, createSignalClient, pinnedSettings, searchSettings } from './connections.ts';
export { createPostgresEvents, type PostgresEventsOptions } from './events.ts';
export { migrateToLatest } from './migrate.ts';
export { type OpenedPostgres, type OpenPostgresOptions, openPostgres } from './open-postgres.ts';
export { createSignals, createSilentSignals, type Signals, type SignalsOptions } from './signals.ts';
export { SchemaNewerError } from './sql-errors.ts';
export { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from './store.ts';
