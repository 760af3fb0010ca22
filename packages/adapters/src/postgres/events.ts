import { type Log, silentLog, type TaskEvent, type TaskEvents, type TaskState, taskStates } from '@navette/domain';
import { createEventFanOut } from '../event-fan-out.ts';
import { readCommitted } from './committed-line.ts';
import type { Signals } from './signals.ts';

/** How events over PostgreSQL are set up. */
export interface PostgresEventsOptions {
  readonly signals: Signals;
  readonly log?: Log | undefined;
}

/**
 * Makes events over signals. This process hears its own at once, whether or not PostgreSQL can be reached; those of
 * others come while it can. Closing them leaves the signals open.
 */
export function createPostgresEvents({ signals, log = silentLog }: PostgresEventsOptions): TaskEvents {
  const fanOut = createEventFanOut((error) => log.warn({ err: error }, 'a listener to events failed'));
  let closed = false;
  const leave = signals.onLine((line) => {
    const event = decodeEvent(line);
    if (event) fanOut.deliver(event);
    const committed = readCommitted(line);
    // Of a scheduled one a steward has to hear; of all of them, who follows them.
    if (committed)
      for (const taskId of committed.ids) fanOut.deliver({ kind: 'state', taskId, state: committed.state });
  });
  return {
    publish: (events) => {
      if (closed) return;
      queueMicrotask(() => {
        for (const event of events) fanOut.deliver(event);
      });
      for (const event of events) signals.send(encodeEvent(event));
    },
    subscribe: async (taskId, listener) => {
      const end = fanOut.add(taskId, listener);
      await signals.listening();
      return end;
    },
    close: async () => {
      closed = true;
      leave();
      fanOut.clear();
    },
  };
}

/** Writes an event as a line. */
function encodeEvent(event: TaskEvent): string {
  const line = `${event.kind} ${event.taskId}`;
  return event.kind === 'state' ? `${line} ${event.state}` : line;
}

/** Reads it back; `undefined` for a line of another kind, or of a version that knows more. */
function decodeEvent(line: string): TaskEvent | undefined {
  const [kind, taskId, state] = line.split(' ');
  if (!taskId) return undefined;
  switch (kind) {
    case 'state':
      return isState(state) ? { kind, taskId, state } : undefined;
    case 'progress':
    case 'log':
    case 'cancel':
      return { kind, taskId };
    default:
      return undefined;
  }
}

function isState(text: string | undefined): text is TaskState {
  return (taskStates as readonly (string | undefined)[]).includes(text);
}
