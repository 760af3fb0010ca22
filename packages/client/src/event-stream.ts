import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The Server-Sent Events of a text that comes in pieces. */
export async function* serverSentEvents(
  pieces: AsyncIterable<string>,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  let arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => arrived.push(event) });
  for await (const piece of pieces) {
    parser.feed(piece);
    const events = arrived;
    arrived = [];
    yield* events;
  }
}
