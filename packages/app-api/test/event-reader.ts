import { onTestFinished } from 'vitest';

/** An event as it was read. */
export interface ReadEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of every shape
  readonly data: any;
}

/** Reads a stream of events, one after the other; lets go of it when the test is over. */
export function readEvents(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  onTestFinished(() => reader.cancel().catch(() => {}));
  let rest = '';

  /** The next block, comments among them; `undefined` at the end. */
  const block = async (): Promise<string | undefined> => {
    for (let end = rest.indexOf('\n\n'); ; end = rest.indexOf('\n\n')) {
      if (end !== -1) {
        const text = rest.slice(0, end);
        rest = rest.slice(end + 2);
        return text;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      rest += value;
    }
  };

  /** The next event that has data. */
  const next = async (): Promise<ReadEvent | undefined> => {
    for (let text = await block(); text !== undefined; text = await block()) {
      const data = /^data: (.*)$/m.exec(text)?.[1];
      if (data === undefined) continue;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
      return { event: field('event'), id: field('id'), data: JSON.parse(data) };
    }
    return undefined;
  };

  return { block, next, cancel: () => reader.cancel() };
}
