import type { Deadline } from './deadline.ts';

/** A connection that is silent for so long is taken to be dead, ms. The server says something every 15 s. */
const silenceMs = 45_000;

/** A body as it comes, as text. The deadline starts anew with every piece, and not while a piece is worked on. */
export async function* textPieces(
  body: ReadableStream<Uint8Array>,
  deadline: Deadline,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const { signal } = deadline;
  // Node's fetch follows a signal only until its request is collected as garbage, and that may be before the body's end.
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    for (;;) {
      deadline.within(silenceMs);
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      deadline.within();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Also where the consumer has stopped in the middle. That it fails on a broken connection says nothing new.
    await reader.cancel().catch(() => {});
  }
}

/** The lines of a text that comes in pieces, without empty ones. */
export async function* textLines(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter(Boolean);
  }
  if (rest) yield rest;
}
