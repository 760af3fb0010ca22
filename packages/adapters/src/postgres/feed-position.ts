import { InvalidQueryError } from '@navette/domain';
import type { BoundedPool } from './bounded-pool.ts';
import { statement } from './statement.ts';

/** A moment of the database, by what was committed then. */
export interface FeedPosition {
  /** Every transaction with a smaller number (xid8) was over. */
  readonly xid: number;
  /** The database's time, epoch ms. */
  readonly atMs: number;
  /** Whoever writes what was not committed then began no earlier, epoch ms. */
  readonly sinceMs: number;
  /** Nor was given a smaller `ready_seq`. */
  readonly readySeq: number;
}

/** Writes a position as a short text. */
export function writePosition({ xid, atMs, sinceMs, readySeq }: FeedPosition): string {
  return `x${[xid, atMs, atMs - sinceMs, readySeq].map((part) => part.toString(36)).join('.')}`;
}

const pattern = /^x([0-9a-z]{1,10})\.([0-9a-z]{1,9})\.([0-9a-z]{1,9})\.([0-9a-z]{1,10})$/;

/** Reads it back. @throws InvalidQueryError if {@link writePosition} did not write it */
export function readPosition(text: string): FeedPosition {
  const [xid = 0, atMs = 0, ageMs = 0, readySeq = 0] = (pattern.exec(text) ?? [])
    .slice(1)
    .map((part) => Number.parseInt(part, 36));
  // A database's clock is past 1970.
  if (atMs === 0 || ageMs > atMs) throw new InvalidQueryError('after', 'is not one that this store made');
  return { xid, atMs, sinceMs: atMs - ageMs, readySeq };
}

// Of a session of another role one sees that it is at work, but not since when. The second is for one that has begun and
// does not show it yet.
const sinceText = `
select (select last_value from $schema.ready_seq) as ready_seq, (extract(epoch from now()) * 1000)::bigint as at_ms,
  (extract(epoch from least(now(), min(coalesce(a.xact_start, now() - interval '10 minutes')))) * 1000)::bigint - 1000
    as since_ms
from pg_stat_activity a
where a.datname = current_database() and a.pid <> pg_backend_pid()
  and coalesce(a.backend_type, 'client backend') = 'client backend'
  and (a.state = 'active' or a.backend_xid is not null or a.backend_xmin is not null)`;

const snapshotText = `
select pg_snapshot_xmin(pg_current_snapshot())::text as xid, (extract(epoch from now()) * 1000)::bigint as at_ms`;

/** Makes the read of the present position. */
export function createFeedPosition(pool: BoundedPool, schema: string): () => Promise<FeedPosition> {
  const since = statement(schema, 'feed_since', sinceText);
  const snapshot = statement(schema, 'feed_snapshot', snapshotText);
  /** How far `ready_seq` had come at moments before, the latest last. */
  let known: readonly { readonly atMs: number; readonly readySeq: number }[] = [];

  /** What was given out later than a moment is not smaller than this. */
  const readySeqAt = (ms: number): number => {
    const before = known.findLastIndex(({ atMs }) => atMs <= ms);
    // What is older is of use to nobody: those who are at work now began later.
    known = known.slice(Math.max(before, 0));
    return before === -1 ? 0 : (known[0]?.readySeq ?? 0);
  };

  return async () => {
    // First who is at work, then the snapshot: whoever is not over in it was at work before, or began since.
    const [began] = await pool.runTwice<Record<'ready_seq' | 'at_ms' | 'since_ms', string>>(since, []);
    const [now] = await pool.runTwice<Record<'xid' | 'at_ms', string>>(snapshot, []);
    if (!began || !now) throw new Error('the database told no position');
    known = [...known, { atMs: Number(began.at_ms), readySeq: Number(began.ready_seq) }];
    const sinceMs = Number(began.since_ms);
    return { xid: Number(now.xid), atMs: Number(now.at_ms), sinceMs, readySeq: readySeqAt(sinceMs) };
  };
}
