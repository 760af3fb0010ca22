import { type AnyTaskType, defineTask, NavetteError, PermanentError, RetryAfterError } from '@navette/domain';
import { z } from 'zod';

/** How a handler ends. */
export const handlerEnds = ['returns', 'returns nonsense', 'fails', 'fails for good', 'asks for later'] as const;

/** How a handler ends. */
export type HandlerEnd = (typeof handlerEnds)[number];

/** A handler that runs somewhere, until the model lets it end or its signal is raised and it obeys. */
export interface RunningHandler {
  end(how: HandlerEnd): void;
  /** Reports progress. */
  report(): Promise<void>;
}

/** The handlers of all processes. */
export interface Handlers {
  readonly running: ReadonlySet<RunningHandler>;
  /** From now on every handler returns at once. */
  letAllReturn(): void;
  /** The task types as a process knows them; `worker` is its worker's id, asked for when a handler runs. */
  typesOf(worker: () => string, names: readonly TypeName[]): AnyTaskType[];
}

/** The task types of the model: two on one queue, of which a process may know but one; and one on another queue. */
export const queueOf = { 'model.old': 'main', 'model.new': 'main', 'model.aside': 'aside' } as const;

/** Name of a task type of the model. */
export type TypeName = keyof typeof queueOf;

/** Every task type of the model. */
export const typeNames = Object.keys(queueOf) as TypeName[];

/** The most a handler asks to wait, ms. */
const laterMs = 8_000;

/** What a handler of the model throws when it just fails. */
export class HandlerFailure extends Error {}

/** Makes the handlers. */
export function createHandlers(): Handlers {
  const running = new Set<RunningHandler>();
  let allReturn = false;

  const handler = (worker: () => string, type: TypeName) =>
    defineTask({
      type,
      queue: queueOf[type],
      payload: z.object({ obeys: z.boolean() }),
      handler: ({ obeys }, { attempt, signal, progress }) =>
        new Promise<unknown>((resolve, reject) => {
          const mark = { attempt, worker: worker() };
          const settle = (settled: () => void) => {
            if (running.delete(self)) settled();
          };
          const endings: Readonly<Record<HandlerEnd, () => void>> = {
            returns: () => resolve(mark),
            'returns nonsense': () => resolve({ ...mark, nonsense: Number.NaN }),
            fails: () => reject(new HandlerFailure('transient')),
            'fails for good': () => reject(new PermanentError('permanent')),
            'asks for later': () => reject(new RetryAfterError(laterMs)),
          };
          const self: RunningHandler = {
            end: (how) => settle(endings[how]),
            report: () => progress(mark).catch(ignoreRefusal),
          };
          running.add(self);
          if (allReturn) self.end('returns');
          if (obeys) signal.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true });
        }),
    });

  return {
    running,
    letAllReturn: () => {
      allReturn = true;
      for (const one of running) one.end('returns');
    },
    typesOf: (worker, names) => names.map((type) => handler(worker, type)),
  };
}

/** It is superseded, or the store is away. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof NavetteError)) throw error;
}
