import type { System } from '@navette/domain';

/** What a watchdog needs. */
export interface FetchWatchdogDeps {
  readonly system: Pick<System, 'after'>;
  /** Whether the consumer ought to be fetching and runs nothing. */
  readonly isIdle: () => boolean;
  /** How many jobs it has fetched so far. */
  readonly fetched: () => number;
  /** How many jobs Redis would give it now. */
  readonly waiting: () => Promise<number>;
  readonly onStuck: () => void;
}

/** How often it looks, ms. */
const lookEveryMs = 5_000;
/** Looks in a row at which jobs waited and none was fetched, before the consumer counts as stuck. */
const looksUntilStuck = 3;

/**
 * Watches a consumer whose fetching may die without a word after an outage (BullMQ #3185): jobs wait, it is idle, and
 * for 10 to 15 s it has fetched none.
 * @returns what ends it.
 */
export function startFetchWatchdog({ system, isIdle, fetched, waiting, onStuck }: FetchWatchdogDeps): () => void {
  let stopped = false;
  let cancel = () => {};
  let fetchedBefore = fetched();
  let looks = 0;

  const jobsWaitInVain = async (): Promise<boolean> => {
    const before = fetchedBefore;
    fetchedBefore = fetched();
    if (!isIdle() || fetched() !== before) return false;
    const count = await waiting().catch(() => 0);
    return count > 0 && isIdle() && fetched() === before;
  };

  const look = async () => {
    looks = (await jobsWaitInVain()) ? looks + 1 : 0;
    if (stopped) return;
    if (looks === looksUntilStuck) {
      looks = 0;
      onStuck();
    }
    lookLater();
  };

  const lookLater = () => {
    cancel = system.after(lookEveryMs, () => void look());
  };

  lookLater();
  return () => {
    stopped = true;
    cancel();
  };
}
