import type { Log } from '@navette/domain';
import { HttpError, problemOf } from './problems.ts';

/** One Server-Sent Event. Without data it only moves the place where a client goes on. */
export interface ServerEvent {
  readonly event?: string;
  readonly id?: string;
  /** The data, as JSON is written: on one line. */
  readonly json?: string;
}

/** How often a comment is sent, so that nobody on the way takes the connection for dead, ms. */
const commentEveryMs = 15_000;
/** A client that has taken nothing for so many comments is too slow. */
const maxUntaken = 2;
/** How soon a client whose connection broke comes back, ms. */
const retryMs = 1_000;

/** The headers of a stream of events. */
export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // For nginx, which would keep events back otherwise.
  'X-Accel-Buffering': 'no',
};

/**
 * Answers with a stream of events, which ends when they do. An event is asked for when the one before has been taken, so
 * nothing gathers here. A client that takes none is told so and closed; so is one whose events fail.
 *
 * @param over raised when nobody wants the events any more, although more may come
 */
export function eventStream(source: AsyncIterable<ServerEvent>, over: AbortController, log: Log): Response {
  const events = source[Symbol.asyncIterator]();
  let untaken = 0;
  let timer: NodeJS.Timeout | undefined;
  let isEnding = false;

  const end = () => {
    isEnding = true;
    clearInterval(timer);
  };

  /** Ends before the events do. */
  const breakOff = () => {
    end();
    over.abort();
    // It waits for what is under way, and has nobody to tell of it.
    events.return?.().catch(() => {});
  };

  const close = (controller: Controller, error: unknown) => {
    breakOff();
    controller.enqueue(encode({ event: 'problem', json: JSON.stringify(problemOf(error, log)) }));
  };

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(`retry: ${retryMs}\n\n`));
      timer = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) {
          untaken = 0;
          controller.enqueue(comment);
        } else if (++untaken === maxUntaken) {
          close(controller, new HttpError('too_slow', 'the events were not taken; come back with the last id'));
          // Told; whether or not it is heard.
          setTimeout(() => controller.error(new Error('the client takes no events')), commentEveryMs).unref();
        }
      }, commentEveryMs);
    },
    pull: async (controller) => {
      untaken = 0;
      if (isEnding) return controller.close();
      try {
        const { done, value } = await events.next();
        // Meanwhile the client may have gone, or have been told that it is too slow.
        if (isEnding) return;
        if (!done) return controller.enqueue(encode(value));
        end();
        controller.close();
      } catch (error) {
        if (!isEnding) close(controller, error);
      }
    },
    cancel: breakOff,
  });
  return new Response(body, { headers: eventStreamHeaders });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

const encoder = new TextEncoder();
const comment = encoder.encode(': still here\n\n');

function encode({ event, id, json }: ServerEvent): Uint8Array {
  const lines = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(json === undefined ? [] : [`data: ${json}`]),
  ];
  return encoder.encode(`${lines.join('\n')}\n\n`);
}
