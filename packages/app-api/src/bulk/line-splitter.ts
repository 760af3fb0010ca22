/** A line that is not blank. */
export interface Line {
  /** Its place among all lines, from 0; blank ones count. */
  readonly index: number;
  /** Without its end; `undefined`: longer than allowed, and passed over. */
  readonly bytes: Uint8Array | undefined;
}

/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /** The lines that end in this piece. */
  push(piece: Uint8Array): Line[];
  /** The last line, if the stream did not end with its end. */
  end(): Line[];
}

const newline = 0x0a;
const blanks = [0x20, 0x09, 0x0d];

/** Makes a splitter that holds no more than `maxBytes` of a line. */
export function createLineSplitter(maxBytes: number): LineSplitter {
  let index = 0;
  let held: Uint8Array[] = [];
  let size = 0;

  const hold = (part: Uint8Array) => {
    size += part.byteLength;
    if (size <= maxBytes) held.push(part);
    else held = [];
  };

  const cut = (): Line[] => {
    const line: Line = { index: index++, bytes: size > maxBytes ? undefined : joined(held) };
    held = [];
    size = 0;
    return line.bytes && isBlank(line.bytes) ? [] : [line];
  };

  return {
    push: (piece) => {
      const lines: Line[] = [];
      let start = 0;
      for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
        hold(piece.subarray(start, end));
        lines.push(...cut());
        start = end + 1;
      }
      hold(piece.subarray(start));
      return lines;
    },
    end: () => (size > 0 ? cut() : []),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => blanks.includes(byte));
}
