// The start after a kill reads the log since the last checkpoint: about 120 MB in a second.
const LIMIT_BYTES = 64 * 1024 * 1024;
const INTERVAL_MS = 1000;

/**
 * Takes a checkpoint when the log has grown by 64 MB since the last one. PostgreSQL itself does that in background
 * processes, which the embedded one has not.
 */
export const CHECKPOINT_IF_DUE = `do $$ begin
  if pg_wal_lsn_diff(pg_current_wal_insert_lsn(), (select redo_lsn from pg_control_checkpoint())) > ${LIMIT_BYTES}
  then checkpoint; end if;
end $$`;

/** Says once a second, while there is work, that it is time to look at the log; of a new one there is nothing to see. */
export class CheckpointClock {
  #lookedAt: number | undefined;

  /** @param now a monotonic time in milliseconds */
  due(now: number): boolean {
    this.#lookedAt ??= now;
    if (now - this.#lookedAt < INTERVAL_MS) return false;
    this.#lookedAt = now;
    return true;
  }
}
