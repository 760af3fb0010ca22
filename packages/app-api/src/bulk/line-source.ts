import { createLineSplitter, type Line } from './line-splitter.ts';

/** Lines of a request, read ahead of their use. */
export interface LineSource {
  /** The lines that have come, at least one; `undefined` at the end. Rejects if the request breaks off. */
  next(): Promise<readonly Line[] | undefined>;
  /** Reads no further: what has come is still given, then the end. */
  stop(): void;
}

/** So much is given at once, and read ahead. */
const maxLines = 1_000;
const maxBytes = 1_048_576;

/**
 * Makes the source of a request's body. While some lines are being worked on the next ones gather, up to a bound; beyond
 * it nothing is read, so that the sender waits.
 */
export function createLineSource(body: ReadableStream<Uint8Array> | null, maxLineBytes: number): LineSource {
  const splitter = createLineSplitter(maxLineBytes);
  const reader = body?.getReader();
  const lines: Line[] = [];
  let bytes = 0;
  let ended = false;
  let failure: unknown;
  let changed = createSignal();

  const change = () => {
    const last = changed;
    changed = createSignal();
    last.raise();
  };

  const add = (more: readonly Line[]) => {
    for (const line of more) lines.push(line);
    bytes += bytesOf(more);
    if (more.length > 0) change();
  };

  const readAll = async () => {
    for (let read = await reader?.read(); read && !read.done && !ended; read = await reader?.read()) {
      add(splitter.push(read.value));
      while (!ended && (lines.length >= maxLines || bytes >= maxBytes)) await changed.raised;
    }
    if (!ended) add(splitter.end());
  };

  void readAll()
    .catch((error) => {
      failure = error;
    })
    .finally(() => {
      ended = true;
      change();
    });

  return {
    next: async () => {
      while (lines.length === 0 && !ended) await changed.raised;
      if (failure) throw failure;
      if (lines.length === 0) return undefined;
      const taken = lines.splice(0, maxLines);
      bytes -= bytesOf(taken);
      change();
      return taken;
    },
    stop: () => {
      ended = true;
      change();
      reader?.cancel().catch(() => {});
    },
  };
}

function bytesOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + (line.bytes?.byteLength ?? 0), 0);
}

function createSignal() {
  let raise = () => {};
  const raised = new Promise<void>((resolve) => {
    raise = resolve;
  });
  return { raised, raise };
}
