import type { Consumer, Consumption, System, TaskBroker } from '@navette/domain';
import type { Delivered, ForgetfulServer } from './forgetful-server.ts';

/** How often a consumer looks by itself and renews its locks, ms. */
const pollEveryMs = 1_000;
/** How long a job is put away whose claim failed, ms. */
const breatherMs = 1_000;

/** One process's driver of a server that may forget. It behaves as the one for BullMQ does. */
export function createForgetfulBroker(server: ForgetfulServer, system: System): TaskBroker {
  return {
    dispatch: async (dispatches) => server.add(dispatches),
    consume: (consumption) => startConsumer(server, system, consumption),
    setPaused: async (queue, paused) => server.setPaused(queue, paused),
    healthy: async () => server.mood !== 'refusing',
    close: async () => {},
    audit: server,
  };
}

function startConsumer(server: ForgetfulServer, system: System, consumption: Consumption): Consumer {
  const { worker, queue, concurrency, types, claim, mayClaim, handle, onError } = consumption;
  const held = new Map<Delivered, Promise<void>>();
  const claiming = new Set<Promise<unknown>>();
  let stopped = false;
  let cancelPoll = () => {};

  /** What the server does not hear it finds out: the lock ends, the job is delivered again, and the claim tells. */
  const tell = (told: () => void) => {
    try {
      told();
    } catch (error) {
      onError(error);
    }
  };

  const park = (delivered: Delivered, delayMs: number) => tell(() => server.park(delivered, delayMs));

  /** Claims a job and, if that is granted, has the attempt handled; its end, or nothing if there is none to wait for. */
  const start = async (delivered: Delivered): Promise<{ handled: Promise<void> } | undefined> => {
    const { taskId, dispatch } = delivered.dispatch;
    try {
      const answer = await claim({ worker, types }, taskId, dispatch);
      if (answer.kind === 'granted') return { handled: handle(answer.attempt) };
      if ('delayMs' in answer) park(delivered, answer.delayMs);
      else tell(() => server.finish(delivered));
    } catch (error) {
      onError(error);
      park(delivered, breatherMs);
    }
    return undefined;
  };

  const deliver = async (delivered: Delivered): Promise<void> => {
    const started = start(delivered);
    claiming.add(started);
    const granted = await started;
    claiming.delete(started);
    if (granted) {
      await granted.handled;
      tell(() => server.finish(delivered));
    }
    held.delete(delivered);
    fetch();
  };

  const takeAll = () => {
    while (!stopped && held.size < concurrency && mayClaim()) {
      const delivered = server.take(queue);
      if (!delivered) return;
      held.set(delivered, deliver(delivered));
    }
  };

  const fetch = () => tell(takeAll);

  const poll = () => {
    tell(() => server.renew(held.keys()));
    fetch();
    cancelPoll = system.after(pollEveryMs, poll);
  };
  const endListening = server.onReady(queue, () => void system.after(0, fetch));
  poll();

  return {
    stop: async () => {
      stopped = true;
      endListening();
      await Promise.all(claiming);
    },
    close: async (deadlineMs) => {
      let cancelDeadline = () => {};
      const timeUp = new Promise<void>((resolve) => {
        cancelDeadline = system.after(deadlineMs, resolve);
      });
      await Promise.race([Promise.all(held.values()), timeUp]);
      cancelDeadline();
      cancelPoll();
    },
  };
}
