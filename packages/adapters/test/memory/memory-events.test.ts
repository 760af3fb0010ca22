import { createMemoryEvents } from '../../src/memory/index.ts';
import { describeEventsContract } from '../contracts/events-contract.ts';

describeEventsContract('memory', async () => {
  const events = createMemoryEvents();
  return { events, elsewhere: events, close: events.close };
});
