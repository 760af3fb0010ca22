/** How many hashes are kept; the standard error is about 1 / √k, 2 %. */
const k = 2_048;

/**
 * Estimates how many distinct values there were, by the k smallest of their hashes (KMV; Bar-Yossef et al., "Counting
 * Distinct Elements in a Data Stream", 2002).
 */
export class DistinctSketch {
  /** The smallest hashes, as numbers in [0, 1), and newer ones below the limit that may repeat them. */
  readonly #hashes = new Float64Array(2 * k);
  #length = 0;
  #limit = 1;

  /** Takes note of a value. */
  add(value: string): void {
    const hash = hash53(value) / 2 ** 53;
    if (hash >= this.#limit) return;
    this.#hashes[this.#length++] = hash;
    if (this.#length === this.#hashes.length) this.#compact();
  }

  /** The estimate; exact below k values. */
  estimate(): number {
    this.#compact();
    return this.#length < k ? this.#length : Math.round((k - 1) / this.#hashes[k - 1]!);
  }

  #compact(): void {
    const sorted = this.#hashes.subarray(0, this.#length).sort();
    let kept = 0;
    for (const hash of sorted) {
      if (kept === k) break;
      if (kept === 0 || hash !== sorted[kept - 1]) sorted[kept++] = hash;
    }
    this.#length = kept;
    if (kept === k) this.#limit = sorted[k - 1]!;
  }
}

/** A 53-bit hash of a text: cyrb53, by bryc (public domain). */
export function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ unit, 2_654_435_761);
    h2 = Math.imul(h2 ^ unit, 1_597_334_677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2_246_822_507) ^ Math.imul(h2 ^ (h2 >>> 13), 3_266_489_909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2_246_822_507) ^ Math.imul(h1 ^ (h1 >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & h2) + (h1 >>> 0);
}
