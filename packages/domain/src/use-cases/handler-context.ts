import { AttemptSupersededError, StoreUnavailableError } from '../errors.ts';
import { cleanText, type Json, maxTextLength, toStorableJson } from '../json.ts';
import type { AttemptRef, Attempts } from '../ports/attempts.ts';
import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { HandlerContext } from '../task-type.ts';
import type { HandlerRun } from './handler-run.ts';
import type { SubmitTask } from './submit-task.ts';

/** What every context of a worker stands on. */
export interface HandlerContextDeps {
  readonly attempts: Pick<Attempts, 'progress' | 'log'>;
  readonly events: Pick<TaskEvents, 'publish'>;
  readonly system: Pick<System, 'after'>;
  readonly log: Log;
  /** How a handler submits further tasks. */
  readonly submitRequest: SubmitTask;
}

/** Between two tries of what a store that is away keeps from being written, ms; doubled each time up to the longest. */
const pauseMs = 100;
const longestPauseMs = 2_000;

/**
 * What a handler is given beside its payload. Once the run is over, all it offers throws. Its functions can be taken
 * out of it, and are made only then: most handlers use none. A store that is away fails no attempt: progress is dropped,
 * everything else waits.
 */
export class AttemptContext implements HandlerContext {
  readonly #deps: HandlerContextDeps;
  readonly #ref: AttemptRef;
  readonly #run: HandlerRun;

  constructor(deps: HandlerContextDeps, ref: AttemptRef, run: HandlerRun) {
    this.#deps = deps;
    this.#ref = ref;
    this.#run = run;
  }

  get taskId() {
    return this.#ref.taskId;
  }

  get attempt() {
    return this.#ref.attempt;
  }

  get signal() {
    return this.#run.signal;
  }

  get progress(): HandlerContext['progress'] {
    return async (value) => {
      this.#guard();
      try {
        await this.#writing(this.#deps.attempts.progress(this.#ref, storableProgress(value)), 'progress');
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.#deps.log.debug({ err: error, taskId: this.taskId }, 'progress was dropped: the store is away');
      }
    };
  }

  get log(): HandlerContext['log'] {
    return async (message) => {
      this.#guard();
      const line = cleanText(String(message));
      await this.#writing(
        this.#persist(() => this.#deps.attempts.log(this.#ref, [line])),
        'log',
      );
    };
  }

  get submit(): HandlerContext['submit'] {
    return async (type, payload, options) => {
      this.#guard();
      const request = { ...options, type: type.type, payload: payload as Json };
      return (await this.#deps.submitRequest(request, { persist: (write) => this.#persist(write) })).task;
    };
  }

  #guard(): void {
    if (this.#run.isOver) throw new AttemptSupersededError(this.taskId, this.attempt);
  }

  /** Writes, again and again while the store is away and the attempt runs. */
  async #persist<T>(write: () => Promise<T>): Promise<T> {
    for (let delayMs = pauseMs; ; delayMs = Math.min(2 * delayMs, longestPauseMs)) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || this.#run.isOver) throw error;
        this.#deps.log.debug({ err: error, taskId: this.taskId }, 'a handler waits for the store');
        await this.#pause(delayMs);
        if (this.#run.isOver) throw error;
      }
    }
  }

  /** Ends early when the signal is raised. */
  #pause(ms: number): Promise<void> {
    const { signal } = this;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#deps.system.after(ms, end);
      signal.addEventListener('abort', end);
    });
  }

  async #writing(written: Promise<boolean>, kind: 'progress' | 'log'): Promise<void> {
    if (!(await written)) {
      this.#run.stop('superseded');
      throw new AttemptSupersededError(this.taskId, this.attempt);
    }
    this.#deps.events.publish([{ kind, taskId: this.taskId }]);
  }
}

/** Progress never fails a task: what cannot be stored as it is becomes a text, cleaned and cut. */
function storableProgress(value: unknown) {
  if (typeof value === 'string') return cleanText(value);
  const storable = toStorableJson(value);
  if ('problem' in storable) return cleanText(`unreadable progress: ${storable.problem.detail}`);
  const text = JSON.stringify(storable.value);
  return text.length > maxTextLength ? cleanText(text) : storable.value;
}
