import { onDemand } from '../on-demand.ts';
import { splitLines } from './lines.ts';
import type { SessionResponse } from './session-response.ts';

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
 * @param response given up when the parser, which the first call loads, cannot be loaded
 */
export async function* parseSse(
  chunks: AsyncIterable<Uint8Array>,
  tooLarge: (limit: number) => Error,
  response?: Pick<SessionResponse, 'abandon' | 'request'>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { createParser } = await parserFor(response);
  let id = '';
  let retry: number | undefined;
  let ready: ServerSentEvent | undefined;
  const parser = createParser({
    maxBufferSize: LIMIT,
    onEvent: ({ event = 'message', data }) => {
      ready = { event, data, id, retry };
      retry = undefined;
    },
    onRetry: (milliseconds) => {
      retry = milliseconds;
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') throw tooLarge(LIMIT);
    },
  });
  // Line by line: given whole chunks, the parser takes quadratic time where lines end in CR.
  for await (const line of splitLines(chunks, { maxLength: LIMIT }, tooLarge)) {
    // The parser forgets the ID of a block without data; the standard does not (9.2.6).
    if (/^id(?::|$)/.test(line) && !line.includes('\0')) id = line.replace(/^id:? ?/, '');
    parser.feed(`${line}\n`);
    if (ready !== undefined) yield ready;
    ready = undefined;
  }
}

const LIMIT = 1_048_576;

const loadParser = /* @__PURE__ */ onDemand(() => import('eventsource-parser'));

const parserFor = async (
  response: Pick<SessionResponse, 'abandon' | 'request'> | undefined,
): Promise<typeof import('eventsource-parser')> => {
  try {
    return await loadParser(response?.request.scope);
  } catch (error) {
    response?.abandon(error);
    throw error;
  }
};
