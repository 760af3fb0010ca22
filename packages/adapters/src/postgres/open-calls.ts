import { StoreUnavailableError } from '@navette/domain';

/** A call that has not been answered. */
export interface OpenCall<Answer> {
  readonly deadlineAt: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
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

/** Makes an empty set; one timer serves all deadlines. */
export function createOpenCalls<Answer, Call extends OpenCall<Answer>>(): OpenCalls<Answer, Call> {
  const calls = new Set<Call>();
  let timer: NodeJS.Timeout | undefined;
  let onIdle: (() => void)[] = [];

  const close = (call: Call): boolean => {
    const wasOpen = calls.delete(call);
    if (wasOpen && calls.size === 0) {
      clearTimeout(timer);
      timer = undefined;
      for (const resolve of onIdle) resolve();
      onIdle = [];
    }
    return wasOpen;
  };

  const fail = (call: Call, error: unknown) => {
    if (close(call)) call.reject(error);
  };

  const rejectLate = () => {
    timer = undefined;
    for (const call of calls) {
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
      calls.add(call);
      timer ??= setTimeout(rejectLate, call.deadlineAt - performance.now());
    },
    has: (call) => calls.has(call),
    succeed: (call, answer) => {
      if (close(call)) call.resolve(answer);
    },
    fail,
    idle: () => (calls.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => void onIdle.push(resolve))),
  };
}
