import type { TaskEvents } from '@navette/domain';
import { createEventFanOut } from '../event-fan-out.ts';

/** Makes events that stay in this process. They arrive soon after the call that publishes them, in its order. */
export function createMemoryEvents(): TaskEvents {
  const fanOut = createEventFanOut();
  return {
    publish: (events) => {
      queueMicrotask(() => {
        for (const event of events) fanOut.deliver(event);
      });
    },
    subscribe: async (taskId, listener) => fanOut.add(taskId, listener),
    close: async () => fanOut.clear(),
  };
}
