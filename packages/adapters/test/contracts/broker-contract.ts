import { describe } from 'vitest';
import { describeConsuming } from './broker-consuming.ts';
import { describeDelivery } from './broker-delivery.ts';
import type { OpenBroker } from './broker-under-test.ts';

export type { BrokerUnderTest, OpenBroker } from './broker-under-test.ts';

/** What every broker must do. */
export function describeBrokerContract(name: string, open: OpenBroker): void {
  describe(`broker contract: ${name}`, () => {
    describeDelivery(open);
    describeConsuming(open);
  });
}
