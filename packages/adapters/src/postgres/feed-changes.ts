import { type ChangePage, isTerminal, type TaskFilter } from '@navette/domain';
import { type RawBuilder, sql } from 'kysely';
import { readCursor, writeCursor } from './cursor.ts';
import { type FeedPosition, readPosition } from './feed-position.ts';
import type { StoreParts } from './store-parts.ts';
import { allOf, endsIn, hasTag, isAskedFor } from './task-filter.ts';
import { isStorable } from './task-pages.ts';
import { type SummaryRow, summaryColumnsOf, summaryOfRow } from './task-row.ts';
import { isUuid } from './uuid.ts';

/** No statement that ends tasks takes longer, ms; transactions of others may, and must not widen what is read. */
const longestWriteMs = 600_000;

type Part = 'ended' | 'open';
type Place = readonly [part: Part, ms: number, id: string];
type Condition = RawBuilder<boolean>;

/** Makes the read of what changed since a position. */
export function createReadChanges({ db, pinnedDb, schema }: Pick<StoreParts, 'db' | 'pinnedDb' | 'schema'>) {
  const tasks = sql.raw(`(select ${summaryColumnsOf('t')} from ${schema}.tasks t where`);

  // An ended task was written last when it ended, by one short statement, whose time it has.
  const ended = (from: FeedPosition, [, ms, id]: Place, wanted: Condition, limit: number) => {
    const bound = new Date(Math.max(from.sinceMs, from.atMs - longestWriteMs));
    return sql<SummaryRow>`
      ${tasks} t.finished_at is not null and t.finished_at >= ${bound}
        and (t.finished_at, t.id) > (${new Date(ms)}, ${id}::uuid) and ${wanted}
      order by t.finished_at, t.id limit ${limit})`.execute(pinnedDb);
  };

  // There may be a million that wait for a worker, of which `ready_seq` tells the new ones. Of those that wait for their
  // time no index does: all are looked at.
  const open = ({ readySeq }: FeedPosition, [, ms, id]: Place, wanted: Condition, limit: number) => {
    const rest = sql`(t.submitted_at, t.id) > (${new Date(ms)}, ${id}::uuid) and ${wanted}
      order by t.submitted_at, t.id limit ${limit})`;
    return sql<SummaryRow>`
      ${tasks} t.state = 'queued' and t.ready_seq >= ${readySeq} and ${rest}
      union all ${tasks} t.state = 'running' and ${rest}
      union all ${tasks} t.state in ('scheduled', 'retrying') and ${rest}
      order by submitted_at, id limit ${limit}`.execute(db);
  };

  const parts = { ended, open };
  return async (after: string, filter: TaskFilter, limit: number, cursor?: string | null): Promise<ChangePage> => {
    const from = readPosition(after);
    // The ended ones first: what happened last is told last.
    const place = cursor ? readCursor('changes', cursor, isPlace) : startOf('ended');
    const [part] = place;
    // What cannot be stored is found nowhere.
    if (!isStorable(filter)) return { tasks: [], next: null };
    const wanted = allOf([writtenSince(from), isAskedFor(filter), hasTag(filter), endsIn(filter)]);
    const { rows } = mayHold(part, filter) ? await parts[part](from, place, wanted, limit + 1) : { rows: [] };
    const found = rows.slice(0, limit).map(summaryOfRow);
    const last = rows.length > limit ? found.at(-1) : undefined;
    if (last) {
      const at = last.finishedAt ?? last.submittedAt;
      return { tasks: found, next: writeCursor('changes', [part, at.getTime(), last.id]) };
    }
    return { tasks: found, next: part === 'ended' ? writeCursor('changes', startOf('open')) : null };
  };
}

/**
 * That a row was written by a transaction that was not over at a position. A row has the lower half of its transaction's
 * number; `age` knows the upper one. A position from far back, or from a database that has counted further, tells
 * nothing: everything counts as written since.
 *
 * What was over already though something older was under way is not told apart: that older one may have
 * subtransactions, which the snapshot does not name and which must not be taken for over.
 */
function writtenSince({ xid }: FeedPosition): Condition {
  return sql<boolean>`age(t.xmin) <= (
    select case when ${xid}::bigint between s.next - 1000000000 and s.next
      then age((${xid}::bigint % 4294967296)::text::xid) else 2147483646 end
    from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next) s
  )`;
}

function mayHold(part: Part, { states }: TaskFilter): boolean {
  return states === undefined || states.some((state) => isTerminal(state) === (part === 'ended'));
}

function startOf(part: Part): Place {
  return [part, 0, '00000000-0000-0000-0000-000000000000'];
}

function isPlace(parts: readonly unknown[]): parts is Place {
  const [part, ms, id] = parts;
  return (
    parts.length === 3 &&
    (part === 'ended' || part === 'open') &&
    Number.isSafeInteger(ms) &&
    typeof id === 'string' &&
    isUuid(id)
  );
}
