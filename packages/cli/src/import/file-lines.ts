import { UsageError } from '../exit-codes.ts';

/** A longer line is no task: the file is something else, characters. */
const longestLine = 16_000_000;

/** One line of a file, and how many bytes of the file have been read with it or soon after. */
export interface FileLine {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
  readonly bytesRead: number;
}

/**
 * The lines of a file as they are read. Node's `readline` is not used: it also breaks lines where JSON does not, at
 * U+2028.
 */
export async function* fileLines(
  pieces: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<FileLine, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  let bytesRead = 0;
  for await (const piece of pieces) {
    bytesRead += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength;
    const lines = (rest + (typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new UsageError(`line ${number + lines.length + 1} is too long for a task`);
    for (const text of lines) yield { text, number: ++number, bytesRead };
  }
  if (rest) yield { text: rest, number: ++number, bytesRead };
}
