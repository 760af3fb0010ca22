/** A timer that is set to more than this goes off at once, ms. */
const longestTimerMs = 2 ** 31 - 1;

/** A signal that is raised when its parent is, or when the time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Gives so much time from now on, ms, instead of what was left; without a number, all the time. */
  within(ms?: number): void;
  /** Ends what still goes by it, and lets go of the parent and the time. */
  end(): void;
}

/**
 * Makes a deadline. `AbortSignal.any` is not used: until it is collected, it would hang on a signal that lives as long
 * as the program.
 */
export function createDeadline(parent: AbortSignal | undefined, ms?: number): Deadline {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  parent?.addEventListener('abort', follow);
  const deadline: Deadline = {
    signal: controller.signal,
    within: (time = Number.POSITIVE_INFINITY) => {
      clearTimeout(timer);
      if (time > longestTimerMs) return;
      const late = () => controller.abort(new DOMException(`it took longer than ${time} ms`, 'TimeoutError'));
      timer = setTimeout(late, time);
    },
    end: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
      controller.abort();
    },
  };
  deadline.within(ms);
  return deadline;
}

/** Lets time pass, ms. Rejects with the signal's reason as soon as it is raised. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
