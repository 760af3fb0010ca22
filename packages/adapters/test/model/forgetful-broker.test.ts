import { createMemoryStore } from '../../src/memory/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { describeBrokerContract } from '../contracts/broker-contract.ts';
import { createForgetfulBroker } from './forgetful-broker.ts';
import { createForgetfulServer } from './forgetful-server.ts';

describeBrokerContract('forgetful', async () => {
  const system = createSystem();
  const store = createMemoryStore({ system });
  const broker = createForgetfulBroker(createForgetfulServer(system), system);
  return { store, broker, close: store.close };
});
