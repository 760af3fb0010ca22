import { type CommittedTask, type Priority, priorities } from '@navette/domain';

/** What a signal of a commit says: these tasks of one queue are there now. */
export interface Committed {
  /** The store object through which they were inserted. */
  readonly origin: string;
  readonly queue: string;
  readonly state: 'queued' | 'scheduled';
  readonly priority: Priority;
  readonly ids: readonly string[];
}

const prefix = 'committed ';

/** A NOTIFY takes fewer than 8,000 bytes: with the longest names, so many ids fit. */
const idsPerLine = 150;

/**
 * SQL of a CTE that, when the transaction commits, signals the rows of a CTE `inserted`: on channel $3, from the store
 * object $4. The payload is one of `signals.ts` without a sender, so that every process hears it.
 */
export const toldText = `
told as materialized (
  select pg_notify($3, E'\\n${prefix}' || concat_ws(' ', $4::text, l.state, l.priority, l.queue, l.ids))
  from (
    select p.state, p.priority, p.queue, string_agg(p.id::text, ' ') as ids
    from (
      select i.*, (row_number() over (partition by i.state, i.priority, i.queue) - 1) / ${idsPerLine} as page
      from inserted i
    ) p
    group by p.state, p.priority, p.queue, p.page
  ) l
)`;

/** Reads a line; `undefined` for one of another kind, or of a version that writes it otherwise. */
export function readCommitted(line: string): Committed | undefined {
  if (!line.startsWith(prefix)) return undefined;
  const [origin, state, rank, queue, ...ids] = line.slice(prefix.length).split(' ');
  const priority = priorities[Number(rank)];
  if (!origin || !queue || !priority || (state !== 'queued' && state !== 'scheduled')) return undefined;
  return { origin, state, priority, queue, ids };
}

/** The tasks of a line, as they were inserted. */
export function tasksOf({ state, queue, priority, ids }: Committed): CommittedTask[] {
  return ids.map((id) => ({ id, state, queue, priority, dispatch: 1 }));
}
