// When the transactions of a database were committed, as seen by somebody who looks again and again.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** The pause between two looks, ms: a moment is known to within this and the time that a look takes. */
const pauseMs = 4;

/**
 * Starts to look.
 * @returns stop: ends it, and gives for each task the latest moment (epoch ms) at which the transaction that last wrote
 *   it is known not to have been committed yet: what is counted from there is rather too long than too short
 */
export async function watchCommits(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const looks = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const at = performance.timeOrigin + performance.now();
      const { rows } = await client.query({ name: 'look', text: 'select pg_current_snapshot()::text as snapshot' });
      looks.push({ at, snapshot: rows[0].snapshot });
      await sleep(pauseMs);
    }
  })();
  return {
    async stop(taskIds) {
      isOver = true;
      await looking;
      const { rows } = await client.query(
        'select id, xmin::text as xid from navette.tasks where id = any($1::uuid[])',
        [taskIds],
      );
      await client.end();
      const snapshots = looks.map(({ at, snapshot }) => ({ at, sees: visibility(snapshot) }));
      return new Map(rows.map(({ id, xid }) => [id, snapshots.findLast(({ sees }) => !sees(Number(xid))).at]));
    },
  };
}

/** Which transactions a snapshot sees; by the lower half of their numbers, as rows have them. */
function visibility(text) {
  const lowerHalf = (xid) => Number(BigInt.asUintN(32, BigInt(xid)));
  const [, end, open] = text.split(':');
  const stillOpen = new Set(open.split(',').filter(Boolean).map(lowerHalf));
  return (xid) => xid < lowerHalf(end) && !stillOpen.has(xid);
}
