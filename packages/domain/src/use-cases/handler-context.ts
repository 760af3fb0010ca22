import { AttemptSupersededError } from '../errors.ts';
import { cleanText, maxTextLength, toStorableJson } from '../json.ts';
import type { AttemptRef, Attempts } from '../ports/attempts.ts';
import type { TaskEvents } from '../ports/task-events.ts';
import type { HandlerContext } from '../task-type.ts';
import type { HandlerRun } from './handler-run.ts';

/** What every context of a worker stands on. */
export interface HandlerContextDeps {
  readonly attempts: Pick<Attempts, 'progress' | 'log'>;
  readonly events: Pick<TaskEvents, 'publish'>;
  /** How a handler submits further tasks. */
  readonly submit: HandlerContext['submit'];
}

/**
 * What a handler is given beside its payload. Once the run is over, all it offers throws. Its functions can be taken
 * out of it, and are made only then: most handlers use none.
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
      await this.#writing(this.#deps.attempts.progress(this.#ref, storableProgress(value)), 'progress');
    };
  }

  get log(): HandlerContext['log'] {
    return async (message) => {
      this.#guard();
      await this.#writing(this.#deps.attempts.log(this.#ref, [cleanText(String(message))]), 'log');
    };
  }

  get submit(): HandlerContext['submit'] {
    return async (type, payload, options) => {
      this.#guard();
      return this.#deps.submit(type, payload, options);
    };
  }

  #guard(): void {
    if (this.#run.isOver) throw new AttemptSupersededError(this.taskId, this.attempt);
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
