import type { DispatchLedger } from '../ports/dispatch-ledger.ts';
import type { BrokerAudit, Dispatch, TaskBroker } from '../ports/task-broker.ts';

/** What comparing broker and store needs. */
export interface ReconcileDeps {
  readonly ledger: DispatchLedger;
  readonly broker: TaskBroker;
  readonly audit: BrokerAudit;
}

/**
 * Compares one page of hand-overs with the broker: what it holds is confirmed, what it misses is handed over again
 * under the next number.
 * @returns how many were missing.
 * @throws BrokerUnavailableError, StoreUnavailableError — nothing was confirmed that the broker did not answer for.
 */
export async function reconcile(deps: ReconcileDeps, page: readonly Dispatch[]): Promise<number> {
  if (page.length === 0) return 0;
  const missing = await deps.audit.missing(page);
  const missingIds = new Set(missing.map((dispatch) => dispatch.taskId));
  const present = page.filter((dispatch) => !missingIds.has(dispatch.taskId));
  if (present.length > 0) await deps.ledger.confirm(present);
  await handOverAgain(deps, missing);
  return missing.length;
}

/** Hands over again, under the next number, what is still queued under this one; how many that were. */
async function handOverAgain({ ledger, broker }: ReconcileDeps, missing: readonly Dispatch[]): Promise<number> {
  if (missing.length === 0) return 0;
  const renewed = await ledger.redispatch(missing);
  if (renewed.length > 0) await broker.dispatch(renewed);
  return renewed.length;
}

/** How long after its hand-over a queued task is first checked, ms. Most are gone by then and cost nothing. */
export const freshAfterMs = 5_000;

/** Checks hand-overs that have stood unconfirmed for so long (ms); how many were missing. */
export async function checkFresh(deps: ReconcileDeps, limit: number, afterMs = freshAfterMs): Promise<number> {
  return reconcile(deps, await deps.ledger.unconfirmed(afterMs, limit));
}

/** Takes one step of a sweep; how many hand-overs it did again. @throws BrokerUnavailableError, StoreUnavailableError */
export type SweepStep = (limit: number) => Promise<number>;

/**
 * Makes a sweep: the backstop that passes all queued tasks page by page, for ever, and finds what a broker has forgotten
 * without any other sign. Only what is missing at two steps in a row is handed over again: it is not merely on its way.
 */
export function createSweep({ ledger, broker, audit }: ReconcileDeps): SweepStep {
  let cursor: string | null = null;
  let suspects: readonly Dispatch[] = [];
  const missingOf = async (page: readonly Dispatch[]) => (page.length === 0 ? [] : audit.missing(page));
  return async (limit) => {
    const renewed = await handOverAgain({ ledger, broker, audit }, await missingOf(suspects));
    const page = await ledger.queued(cursor, limit);
    suspects = await missingOf(page.dispatches);
    cursor = page.cursor;
    return renewed;
  };
}

/**
 * Takes one step of the full check that a new broker epoch asks for; the new epoch is saved only when the check has
 * come to its end, and its cursor is kept from step to step.
 * @returns whether more steps are due, and how many hand-overs were missing.
 */
export async function checkEpoch(
  deps: ReconcileDeps,
  limit: number,
): Promise<{ readonly more: boolean; readonly missing: number }> {
  const epoch = await deps.audit.epoch();
  const mark = await deps.ledger.brokerMark();
  if (mark.epoch === epoch) return { more: false, missing: 0 };
  const cursor = mark.checking?.epoch === epoch ? mark.checking.cursor : null;
  const page = await deps.ledger.queued(cursor, limit);
  const missing = await reconcile(deps, page.dispatches);
  if (page.cursor !== null) {
    await deps.ledger.saveBrokerMark({ epoch: mark.epoch, checking: { epoch, cursor: page.cursor } });
    return { more: true, missing };
  }
  await deps.ledger.saveBrokerMark({ epoch, checking: null });
  return { more: false, missing };
}
