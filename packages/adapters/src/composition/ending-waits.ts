import { setMaxListeners } from 'node:events';
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
  const ending = new AbortController();
  // One listener for each wait under way; each takes its own away.
  setMaxListeners(0, ending.signal);
  const until = <T extends { readonly signal?: AbortSignalLike | undefined }>(options?: T) => {
    const signal = options?.signal ? either(options.signal, ending.signal) : ending.signal;
    return { ...options, signal };
  };
  return {
    navette: {
      ...navette,
      wait: (taskId, options) => navette.wait(taskId, until(options)),
      follow: (taskId, options) => navette.follow(taskId, until(options)),
      followAll: (filter, options) => navette.followAll(filter, until(options)),
    },
    endWaits: () => ending.abort(),
  };
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
