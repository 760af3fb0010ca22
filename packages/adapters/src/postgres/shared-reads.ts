/** Reads by id, in batches. */
type ReadBatch<Answer> = (ids: readonly string[]) => Promise<readonly Answer[]>;
type Read<Answer> = (id: string) => Promise<Answer>;

/** What rows say, in the order of the ids that were asked for; `undefined` where there is none. */
export function inOrderOf<Row extends { readonly id: string }, Answer>(
  ids: readonly string[],
  rows: readonly Row[],
  ofRow: (row: Row) => Answer,
): (Answer | undefined)[] {
  const byId = new Map(rows.map((row) => [row.id, ofRow(row)]));
  return ids.map((id) => byId.get(id));
}

/**
 * Makes a read of which callers share one answer: whoever asks for an id that somebody else has asked for, and that no
 * statement has been sent for yet, hears the same answer. It is no older than one of its own would be.
 *
 * @param inBatches makes the read that gathers ids into batches
 */
export function shareReads<Answer>(
  readBatch: ReadBatch<Answer>,
  inBatches: (readBatch: ReadBatch<Answer>) => Read<Answer>,
): Read<Answer> {
  const unsent = new Map<string, Promise<Answer>>();
  const read = inBatches((ids) => {
    for (const id of ids) unsent.delete(id);
    return readBatch(ids);
  });
  return (id) => {
    const known = unsent.get(id);
    if (known) return known;
    const answer = read(id);
    unsent.set(id, answer);
    // It may fail before it is sent: nobody else must hear that.
    answer.catch(() => unsent.get(id) === answer && unsent.delete(id));
    return answer;
  };
}
