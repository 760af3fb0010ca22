import type { Kysely } from 'kysely';
import * as initial from './0001-initial.ts';
import * as search from './0002-search.ts';
import * as tallies from './0003-tallies.ts';
import * as operations from './0004-operations.ts';
import * as slimWrites from './0005-slim-writes.ts';

/** A numbered step of the schema; runs in a transaction whose `search_path` is Navette's schema. */
export interface SchemaStep {
  up(db: Kysely<unknown>): Promise<void>;
  down(db: Kysely<unknown>): Promise<void>;
}

/** All steps by name, in their order. Append only: a step that was released is never changed. */
export const migrations: Readonly<Record<string, SchemaStep>> = {
  '0001-initial': initial,
  '0002-search': search,
  '0003-tallies': tallies,
  '0004-operations': operations,
  '0005-slim-writes': slimWrites,
};
