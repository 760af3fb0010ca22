/**
 * The five levels, first to last. Strict between levels: `bulk` can wait for ever while others keep coming.
 * Within a level tasks run first in, first out, by their entry into `queued`.
 */
export const priorities = ['critical', 'high', 'normal', 'low', 'bulk'] as const;

/** A level of priority; drivers map it to their own numbers. */
export type Priority = (typeof priorities)[number];

/** The rank of a level, 0 (`critical`) to 4 (`bulk`): a lower rank runs first. */
export function priorityRank(priority: Priority): number {
  return priorities.indexOf(priority);
}

/** The level of a rank, the inverse of {@link priorityRank}. */
export function priorityOfRank(rank: number): Priority {
  const priority = priorities[rank];
  if (priority === undefined) throw new RangeError(`no priority has rank ${rank}`);
  return priority;
}
