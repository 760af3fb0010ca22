import type { AbortSignalLike, Navette } from '@navette/domain';

/**
 * A Navette for a process that stops: `endWaits` makes every wait resolve with the task as it is then, and ends what is
 * followed.
 */
export interface EndingWaits {
  readonly navette: Navette;
  readonly endWaits: () => void;
}

/** Makes the waits of a Navette end on request, so that nobody's answer is lost when the process stops. */
export function withEndingWaits(navette: Navette): EndingWaits {
  const { signal: ending, raise } = createSignal();
  const until = <T extends { readonly signal?: AbortSignalLike | undefined }>(options?: T) => {
    const signal = options?.signal ? either(options.signal, ending) : ending;
    return { ...options, signal };
  };
  return {
    navette: {
      ...navette,
      wait: (taskId, options) => navette.wait(taskId, until(options)),
      follow: (taskId, options) => navette.follow(taskId, until(options)),
      followAll: (filter, options) => navette.followAll(filter, until(options)),
    },
    endWaits: raise,
  };
}

/** A signal for thousands of listeners: the platform's own goes through all of them to add one or to take one away. */
function createSignal(): { readonly signal: AbortSignalLike; readonly raise: () => void } {
  const listeners = new Set<() => void>();
  let aborted = false;
  const signal: AbortSignalLike = {
    get aborted() {
      return aborted;
    },
    reason: undefined,
    addEventListener: (_type, listener) => void listeners.add(listener),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
  };
  const raise = () => {
    if (aborted) return;
    aborted = true;
    for (const listener of listeners) listener();
    listeners.clear();
  };
  return { signal, raise };
}

/** Both signals as one; unlike `AbortSignal.any` it leaves nothing behind in the one that lives on. */
function either(one: AbortSignalLike, other: AbortSignalLike): AbortSignalLike {
  return {
    get aborted() {
      return one.aborted || other.aborted;
    },
    get reason() {
      return one.aborted ? one.reason : other.reason;
    },
    addEventListener: (type, listener, options) => {
      one.addEventListener(type, listener, options);
      other.addEventListener(type, listener, options);
    },
    removeEventListener: (type, listener) => {
      one.removeEventListener(type, listener);
      other.removeEventListener(type, listener);
    },
  };
}
