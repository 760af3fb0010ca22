import { StoreUnavailableError } from '@navette/domain';

/** A call that has not been answered. */
export interface OpenCall<Answer> {
  readonly deadlineAt: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  /** Its neighbours while it is open, for {@link OpenCalls} alone. */
  before?: OpenCall<Answer> | undefined;
  after?: OpenCall<Answer> | undefined;
}

/** The calls that have not been answered, each of which is rejected at its deadline. */
export interface OpenCalls<Answer, Call extends OpenCall<Answer>> {
  /** Adds a call; the earlier ones have earlier deadlines. */
  add(call: Call): void;
  /** Whether it has neither been answered nor reached its deadline. */
  has(call: Call): boolean;
  /** Answers it, unless that is too late. */
  succeed(call: Call, answer: Answer): void;
  /** Rejects it, unless that is too late. */
  fail(call: Call, error: unknown): void;
  /** Resolves when there are none. */
  idle(): Promise<void>;
}

/**
 * Makes an empty set; one timer serves all deadlines. The calls are linked to their neighbours, not kept in a Set: the
 * tables that a busy Set has outgrown keep what has left it alive until a full collection of garbage.
 */
export function createOpenCalls<Answer, Call extends OpenCall<Answer>>(): OpenCalls<Answer, Call> {
  const ends: OpenCall<Answer> = { deadlineAt: 0, resolve: () => {}, reject: () => {} };
  ends.before = ends.after = ends;
  let timer: NodeJS.Timeout | undefined;
  let onIdle: (() => void)[] = [];

  const isEmpty = () => ends.after === ends;

  const close = (call: OpenCall<Answer>): boolean => {
    const { before, after } = call;
    if (!before || !after) return false;
    before.after = after;
    after.before = before;
    call.before = call.after = undefined;
    if (isEmpty()) {
      clearTimeout(timer);
      timer = undefined;
      for (const resolve of onIdle) resolve();
      onIdle = [];
    }
    return true;
  };

  const fail = (call: OpenCall<Answer>, error: unknown) => {
    if (close(call)) call.reject(error);
  };

  const rejectLate = () => {
    timer = undefined;
    for (let call = ends.after; call && call !== ends; call = ends.after) {
      const leftMs = call.deadlineAt - performance.now();
      if (leftMs > 0) {
        timer = setTimeout(rejectLate, leftMs);
        return;
      }
      fail(call, new StoreUnavailableError('the database did not answer in time'));
    }
  };

  return {
    add: (call) => {
      const last = ends.before ?? ends;
      call.before = last;
      call.after = ends;
      last.after = ends.before = call;
      timer ??= setTimeout(rejectLate, call.deadlineAt - performance.now());
    },
    has: (call) => call.after !== undefined,
    succeed: (call, answer) => {
      if (close(call)) call.resolve(answer);
    },
    fail,
    idle: () => (isEmpty() ? Promise.resolve() : new Promise<void>((resolve) => void onIdle.push(resolve))),
  };
}
