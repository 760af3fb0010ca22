/** Why a turn was not given: SQLSTATE and text. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Work that needs the session for itself. */
export interface Turn {
  /** Who asks: while a transaction is open only turns of its client run. */
  readonly owner: object;
  run(): Promise<void>;
  /** Called instead of `run` when the turn cannot be given. Without it the turn waits for as long as it takes. */
  refuse?(refusal: Refusal): void;
}

/** Turns in the order they came. */
export class TurnQueue {
  readonly #waitMs: number;
  #entries: { readonly turn: Turn; readonly timer: NodeJS.Timeout | undefined }[] = [];

  /** @param waitMs how long a turn that can be refused waits at most, in milliseconds; then SQLSTATE 55P03 */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Adds a turn at the end. */
  add(turn: Turn): void {
    const timer = turn.refuse === undefined ? undefined : setTimeout(() => this.#expire(turn), this.#waitMs);
    this.#entries.push({ turn, timer });
  }

  /** Takes the first turn, or the first of `owner` when one is given. */
  take(owner: object | undefined): Turn | undefined {
    const index = owner === undefined ? 0 : this.#entries.findIndex(({ turn }) => turn.owner === owner);
    const entry = index === 0 ? this.#entries.shift() : index > 0 ? this.#entries.splice(index, 1)[0] : undefined;
    clearTimeout(entry?.timer);
    return entry?.turn;
  }

  /** Whether a turn of `owner` waits. */
  has(owner: object): boolean {
    return this.#entries.some(({ turn }) => turn.owner === owner);
  }

  /** Forgets the turns of `owner`; they are neither run nor refused. */
  forget(owner: object): void {
    for (const { turn, timer } of this.#entries) if (turn.owner === owner) clearTimeout(timer);
    this.#entries = this.#entries.filter(({ turn }) => turn.owner !== owner);
  }

  /** Refuses every turn that waits. */
  refuseAll(refusal: Refusal): void {
    const entries = this.#entries;
    this.#entries = [];
    for (const { turn, timer } of entries) {
      clearTimeout(timer);
      turn.refuse?.(refusal);
    }
  }

  #expire(turn: Turn): void {
    this.#entries = this.#entries.filter((entry) => entry.turn !== turn);
    const message = `the embedded PostgreSQL was held by another transaction for ${this.#waitMs} ms; was a query awaited outside the transaction that waits for it?`;
    turn.refuse?.({ code: '55P03', message });
  }
}
