import { randomFillSync } from 'node:crypto';

const counterLimit = 2 ** 32;

const pool = new Uint8Array(4_096);
let poolUsed = pool.length;

/** Asks the system for random bytes by the page: a call for each id costs more than all else about it. */
function fillFromPool(bytes: Uint8Array): void {
  if (poolUsed + bytes.length > pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  bytes.set(pool.subarray(poolUsed, poolUsed + bytes.length));
  poolUsed += bytes.length;
}

/**
 * Makes a source of UUIDv7 (RFC 9562) that only ever go up: within one millisecond, and while the clock stands or goes
 * back, a counter of 32 bits before the random ones is raised (section 6.2, method 1). It starts at random; when it runs
 * over, the timestamp moves ahead of the clock.
 *
 * @param nowMs wall-clock time, ms since 1970
 * @param fill fills an array with random bytes
 */
export function createIdSource(nowMs: () => number, fill: (bytes: Uint8Array) => void = fillFromPool): () => string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  let stamp = Number.NEGATIVE_INFINITY;
  let counter = 0;

  return () => {
    fill(bytes);
    const seed = view.getUint32(0);
    const now = Math.trunc(nowMs());
    if (now > stamp) {
      stamp = now;
      counter = seed;
    } else if (++counter === counterLimit) {
      stamp++;
      counter = seed;
    }
    view.setUint32(0, Math.floor(stamp / 2 ** 16));
    view.setUint16(4, stamp % 2 ** 16);
    // 12 bits of the counter after the version, 14 after the variant, 6 in the byte behind them.
    view.setUint16(6, 0x7000 | (counter >>> 20));
    view.setUint16(8, 0x8000 | ((counter >>> 6) & 0x3fff));
    view.setUint8(10, ((counter & 0x3f) << 2) | (view.getUint8(10) & 0x03));
    return formatUuid(bytes);
  };
}

const digits = Buffer.from('0123456789abcdef');
/** The text of the last one: its hyphens stay. */
const spelled = Buffer.alloc(36, '-');

/** Writes the 16 bytes of a UUID as UUIDs are spelled. */
export function formatUuid(bytes: Uint8Array): string {
  let at = 0;
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) at++;
    const byte = bytes[i] as number;
    spelled[at++] = digits[byte >> 4] as number;
    spelled[at++] = digits[byte & 0x0f] as number;
  }
  return spelled.toString('latin1');
}
