import { onDemand } from '../on-demand.ts';
import { type BodyInHand, readWith } from './load-readers.ts';

/** An event of a text/event-stream (WHATWG HTML 9.2). */
export interface ServerSentEvent {
  /** Its type; `message` unless the stream says otherwise. */
  readonly event: string;
  /** Its lines, joined by `\n`. */
  readonly data: string;
  /** The last event ID so far, for the `Last-Event-ID` of a later request; `''` for none. */
  readonly id: string;
  /** The time to wait before connecting again, in milliseconds, when the stream set it since the event before. */
  readonly retry: number | undefined;
}

/**
 * Reads the events of a text/event-stream, in UTF-8 whatever its charset says. An event that the stream does not end
 * with an empty line is dropped, as the standard asks. Leaving the loop early returns the source.
 *
 * @param tooLarge makes the error for a line, or for the data of an event, above 1,048,576 UTF-16 code units
 */
export const parseSse = (
  chunks: AsyncIterable<Uint8Array>,
  tooLarge: (limit: number) => Error,
  response?: BodyInHand,
): AsyncGenerator<ServerSentEvent, void, undefined> =>
  readWith(loadParser, response, ([{ readEvents, readLines }, { createParser }]) => {
    // Line by line: given whole chunks, the parser takes quadratic time where lines end in CR.
    const lines = readLines(chunks, new TextDecoder(), undefined, limit, tooLarge);
    return readEvents(lines, createParser, limit, tooLarge);
  });

const limit = 1_048_576;

const loadParser = /* @__PURE__ */ onDemand(() =>
  Promise.all([import('./streaming-readers.ts'), import('eventsource-parser')]),
);
