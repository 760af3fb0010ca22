import { findJsonProblem, type InsertOutcome, type NewTask } from '@navette/domain';

/** Why no store can keep a task as it is; `undefined` if they can. */
export function whyUnstorable({ payload, tags }: Pick<NewTask, 'payload' | 'tags'>): string | undefined {
  const inPayload = findJsonProblem(payload);
  if (inPayload) return inPayload.pointer ? `at ${inPayload.pointer} ${inPayload.detail}` : inPayload.detail;
  const inTags = findJsonProblem(tags);
  return inTags && `in its tags ${inTags.detail}`;
}

/** Refuses the tasks that no store can keep, and has the others inserted; the answers stand in the order of the tasks. */
export async function insertStorable(
  tasks: readonly NewTask[],
  insert: (storable: readonly NewTask[]) => Promise<readonly InsertOutcome[]>,
): Promise<InsertOutcome[]> {
  const details = tasks.map(whyUnstorable);
  const answers = await insert(tasks.filter((_task, i) => details[i] === undefined));
  let next = 0;
  return details.map((detail) =>
    detail === undefined ? (answers[next++] as InsertOutcome) : { kind: 'refused', detail },
  );
}
