import { describe } from 'vitest';
import { describeBulk } from './store-bulk.ts';
import { describeClaims } from './store-claims.ts';
import { describeControl } from './store-control.ts';
import { describeEveryMove } from './store-every-move.ts';
import { describeFeed } from './store-feed.ts';
import { describeFilters } from './store-filters.ts';
import { describeIdempotency } from './store-idempotency.ts';
import { describeLedger } from './store-ledger.ts';
import { describeNotes } from './store-notes.ts';
import { describeOperations } from './store-operations.ts';
import { describeRecords } from './store-records.ts';
import { describeSearch } from './store-search.ts';
import { describeSettlements } from './store-settlements.ts';
import { describeStorability } from './store-storability.ts';
import { describeTransactions } from './store-transactions.ts';
import type { OpenStore } from './store-under-test.ts';
import { describeUpkeep } from './store-upkeep.ts';

export type { OpenStore, StoreUnderTest } from './store-under-test.ts';

/** What every store must do. */
export function describeStoreContract(name: string, open: OpenStore): void {
  describe(`store contract: ${name}`, () => {
    describeRecords(open);
    describeIdempotency(open);
    describeBulk(open);
    describeTransactions(open);
    describeSearch(open);
    describeFilters(open);
    describeStorability(open);
    describeClaims(open);
    describeNotes(open);
    describeSettlements(open);
    describeControl(open);
    describeUpkeep(open);
    describeLedger(open);
    describeFeed(open);
    describeOperations(open);
    describeEveryMove(open);
  });
}
