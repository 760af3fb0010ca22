/** A sum whose rounding errors do not add up (Neumaier, 1974): ten times 0.1 is 1. */
export class CompensatedSum {
  #sum = 0;
  #compensation = 0;

  /** Adds a number. */
  add(value: number): void {
    const next = this.#sum + value;
    const lost = Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
    this.#compensation += lost;
  }

  /** The sum. */
  get total(): number {
    return this.#sum + this.#compensation;
  }
}
