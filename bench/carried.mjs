// What follows from the CPU time that one task costs.

/**
 * The rate at which something is used up, if every task costs that much: a process of one thread has one core, and all
 * together have the machine's.
 * @param costs µs by process; `worker` is of all workers together
 * @returns perSecond, and what is used up
 */
export function carried(costs, { workers, cores }) {
  const sum = Object.values(costs).reduce((total, us) => total + (us ?? 0), 0);
  const limits = [
    ['the machine', (cores * 1e6) / sum],
    ['the workers', (workers * 1e6) / costs.worker],
    ['Redis', 1e6 / costs.redis],
  ];
  const [by, perSecond] = limits.reduce((least, limit) => (limit[1] < least[1] ? limit : least));
  return { perSecond, by };
}
