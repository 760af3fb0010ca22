export { DataFolderLockedError, DataFolderVersionError } from './data-folder-errors.ts';
export type { EmbeddedPoolOptions } from './embedded-pool.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, openEmbeddedPostgres } from './embedded-postgres.ts';
