import { type TaskEvent, taskStates } from '@navette/domain';

/** Packs events into one message; `origin` names the sender. */
export function encodeEvents(origin: string, events: readonly TaskEvent[]): string {
  return JSON.stringify({ origin, events });
}

/** Unpacks a message, without those of its events that this version does not know; `undefined` if it is not one. */
export function decodeEvents(message: string): { origin: string; events: TaskEvent[] } | undefined {
  const parsed = parse(message);
  if (!isRecord(parsed) || typeof parsed.origin !== 'string' || !Array.isArray(parsed.events)) return undefined;
  return { origin: parsed.origin, events: parsed.events.filter(isTaskEvent) };
}

const kinds: ReadonlySet<unknown> = new Set(['state', 'progress', 'log', 'cancel'] satisfies TaskEvent['kind'][]);
const states: ReadonlySet<unknown> = new Set(taskStates);

function isTaskEvent(value: unknown): value is TaskEvent {
  if (!isRecord(value) || typeof value.taskId !== 'string' || !kinds.has(value.kind)) return false;
  return value.kind !== 'state' || states.has(value.state);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
