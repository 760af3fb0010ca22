// What each side is, and what it does for one task: a comparison is fair only if this is known.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const installed = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url))).version;
const navette = `navette ${require('../../package.json').version}`;

const committed = 'committed with fsync';
const aof = 'Redis log, fsync every second';
const record =
  'task row inserted; claimed and given its attempt by one update, completed by another; task, attempt and result stay in it, with history indexes';

/** By side: program and version, what is written for a task, and how safe that is. */
export const sides = {
  'navette-store': { program: navette, writes: record, durability: committed },
  'navette-bullmq': {
    program: `${navette}, bullmq ${installed('bullmq')}`,
    writes: `${record}; one job in Redis, added and removed`,
    durability: `${committed}; ${aof}`,
  },
  'navette-embedded': {
    program: `${navette}, PGlite in the process`,
    writes: record,
    durability: 'survives the end of the process, not of the machine',
  },
  bullmq: {
    program: `bullmq ${installed('bullmq')}`,
    writes: 'one job in Redis, added and removed; no history',
    durability: aof,
  },
  'graphile-worker': {
    program: `graphile-worker ${installed('graphile-worker')}`,
    writes: 'job row inserted, locked by an update, deleted; no history; settings as they come',
    durability: committed,
  },
  'graphile-worker-batched': {
    program: `graphile-worker ${installed('graphile-worker')}`,
    writes: 'the same, with localQueue 500 and completions in batches, as on its page about performance',
    durability: committed,
  },
  'pg-boss': {
    program: `pg-boss ${installed('pg-boss')}`,
    writes: 'job row inserted, updated twice, kept; one job per fetch, fetching again at once',
    durability: committed,
  },
  'pg-boss-batched': {
    program: `pg-boss ${installed('pg-boss')}`,
    writes: 'the same, a whole batch per fetch and per completion',
    durability: committed,
  },
  'pg-boss-polling': {
    program: `pg-boss ${installed('pg-boss')}`,
    writes: 'the same by its own worker, which looks every half second, the most it allows',
    durability: committed,
  },
  'one-by-one': {
    program: `${navette}, pg, bullmq ${installed('bullmq')}`,
    writes: 'the same app, rows and jobs, by one insert and one add per request',
    durability: `${committed}; ${aof}`,
  },
  naive: {
    program: `hono, pg, bullmq ${installed('bullmq')}`,
    writes: 'a row of five columns and a job without priority, by one insert and one add; nothing is checked',
    durability: `${committed}; ${aof}`,
  },
  stub: { program: navette, writes: 'nothing: the same app over a store that answers at once', durability: 'none' },
};

/** As a table, of those that a run had. */
export function sidesTable(figures) {
  const present = new Set(figures.all({}).map(({ side }) => side));
  const rows = Object.entries(sides)
    .filter(([side]) => present.has(side))
    .map(([side, { program, writes, durability }]) => [side, program, writes, durability]);
  return {
    title: 'The sides, and what each does for one task',
    columns: ['side', 'program', 'for one task', 'durability'],
    rows,
  };
}
