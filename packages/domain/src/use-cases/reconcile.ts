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
  if (missing.length === 0) return 0;
  const renewed = await deps.ledger.redispatch(missing);
  if (renewed.length > 0) await deps.broker.dispatch(renewed);
  return missing.length;
}

/** How long after its hand-over a queued task is first checked, ms. Most are gone by then and cost nothing. */
export const freshAfterMs = 5_000;

/** Checks hand-overs that have stood unconfirmed for {@link freshAfterMs}; how many were missing. */
export async function checkFresh(deps: ReconcileDeps, limit: number): Promise<number> {
  return reconcile(deps, await deps.ledger.unconfirmed(freshAfterMs, limit));
}

/**
 * Takes one step of the full check that a new broker epoch asks for; the new epoch is saved only when the check has
 * come to its end, and its cursor is kept from step to step.
 * @returns whether more steps are due.
 */
export async function checkEpoch(deps: ReconcileDeps, limit: number): Promise<boolean> {
  const epoch = await deps.audit.epoch();
  const mark = await deps.ledger.brokerMark();
  if (mark.epoch === epoch) return false;
  const cursor = mark.checking?.epoch === epoch ? mark.checking.cursor : null;
  const page = await deps.ledger.queued(cursor, limit);
  await reconcile(deps, page.dispatches);
  if (page.cursor !== null) {
    await deps.ledger.saveBrokerMark({ epoch: mark.epoch, checking: { epoch, cursor: page.cursor } });
    return true;
  }
  await deps.ledger.saveBrokerMark({ epoch, checking: null });
  return false;
}
