import type { HandlerContext } from '@navette/domain';

/** A context for running a handler by itself, and what the handler did with it. */
export interface RecordedContext extends HandlerContext {
  readonly reports: unknown[];
  readonly lines: string[];
}

/** Makes a context; `attempt` defaults to 1, `signal` to one that is never raised. */
export function createContext(given: { attempt?: number; signal?: AbortSignal } = {}): RecordedContext {
  const reports: unknown[] = [];
  const lines: string[] = [];
  return {
    reports,
    lines,
    taskId: '01890a5d-ac96-774b-bcce-b302099a8057',
    attempt: given.attempt ?? 1,
    signal: given.signal ?? new AbortController().signal,
    progress: async (value) => void reports.push(value),
    log: async (message) => void lines.push(message),
    submit: async () => ({ id: '01890a5d-ac96-774b-bcce-b302099a8058' }),
  };
}
