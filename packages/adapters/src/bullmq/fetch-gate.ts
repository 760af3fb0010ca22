import type { System } from '@navette/domain';

/** Holds fetching back while the store is away or the worker's lease is in doubt. */
export interface FetchGate {
  readonly held: boolean;
  /** Holds fetching back for a while; does nothing while it is held already. */
  hold(): void;
  /** Holds it for good. */
  close(): void;
}

/** What a gate needs. */
export interface FetchGateDeps {
  readonly system: Pick<System, 'after'>;
  readonly mayOpen: () => boolean;
  readonly onHeld: () => void;
  readonly onOpened: () => void;
}

/** How long fetching is held back before it is tried again, ms. */
const holdMs = 1_000;

/** Makes a gate that is open. */
export function createFetchGate({ system, mayOpen, onHeld, onOpened }: FetchGateDeps): FetchGate {
  let held = false;
  let closed = false;
  let cancel = () => {};

  const tryLater = () => {
    cancel = system.after(holdMs, () => {
      if (!mayOpen()) return tryLater();
      held = false;
      onOpened();
    });
  };

  return {
    get held() {
      return held;
    },
    hold: () => {
      if (held) return;
      held = true;
      onHeld();
      tryLater();
    },
    close: () => {
      cancel();
      if (closed) return;
      closed = true;
      if (!held) onHeld();
      held = true;
    },
  };
}
