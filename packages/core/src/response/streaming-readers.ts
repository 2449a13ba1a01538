import type { createParser } from 'eventsource-parser';
import type { ServerSentEvent } from './sse.ts';

// The loops of the streaming readers, loaded with the first of them. They are told what they need of the start: see `onDemand`.

/** A `TextDecoder`. (Named by what it does: where types are those of Node alone, that is no type.) */
interface Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/** The lines of a stream, each of at most `maxLength` UTF-16 code units. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  decoder: Decoder,
  delimiter: string | undefined,
  maxLength: number,
  tooLong: (maxLength: number) => Error,
): AsyncGenerator<string, void, undefined> {
  const splitter = new LineSplitter(delimiter);
  function* limited(lines: readonly string[]): Generator<string, void, undefined> {
    for (const line of lines) {
      if (line.length > maxLength) throw tooLong(maxLength);
      yield line;
    }
    if (splitter.pending > maxLength) throw tooLong(maxLength);
  }
  for await (const chunk of chunks) yield* limited(splitter.push(decoder.decode(chunk, { stream: true })));
  yield* limited(splitter.push(decoder.decode()));
  yield* limited(splitter.end());
}

/** Chunks of exactly `size` bytes; the last may be shorter. */
export async function* cutChunks(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (held + chunk.length - at >= size) {
      const part = chunk.subarray(at, at + size - held);
      at += part.length;
      yield held === 0 ? part : concat([...parts, part], size);
      parts = [];
      held = 0;
    }
    if (at < chunk.length) {
      parts.push(chunk.subarray(at));
      held += chunk.length - at;
    }
  }
  if (held > 0) yield concat(parts, held);
}

/** The events of a text/event-stream's lines. */
export async function* readEvents(
  lines: AsyncIterable<string>,
  parserOf: typeof createParser,
  limit: number,
  tooLarge: (limit: number) => Error,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let id = '';
  let retry: number | undefined;
  let ready: ServerSentEvent | undefined;
  const parser = parserOf({
    maxBufferSize: limit,
    onEvent: ({ event = 'message', data }) => {
      ready = { event, data, id, retry };
      retry = undefined;
    },
    onRetry: (milliseconds) => {
      retry = milliseconds;
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') throw tooLarge(limit);
    },
  });
  for await (const line of lines) {
    // The parser forgets the ID of a block without data; the standard does not (9.2.6).
    if (/^id(?::|$)/.test(line) && !line.includes('\0')) id = line.replace(/^id:? ?/, '');
    parser.feed(`${line}\n`);
    if (ready !== undefined) yield ready;
    ready = undefined;
  }
}

/** Finds the lines in text that arrives in pieces. Each character is looked at once, however long the line. */
class LineSplitter {
  readonly #delimiter: string | RegExp;
  /** How many characters at the end of a piece may begin a delimiter. */
  readonly #overlap: number;
  /** The line so far, without what is in `#tail`. */
  #head = '';
  #tail = '';
  #afterReturn = false;

  constructor(delimiter: string | undefined) {
    this.#delimiter = delimiter ?? /\r\n?|\n/;
    this.#overlap = delimiter === undefined ? 0 : delimiter.length - 1;
  }

  /** How long the line is that has not ended yet, at least. */
  get pending(): number {
    return this.#head.length;
  }

  push(text: string): string[] {
    if (text === '') return [];
    const lines = (this.#tail + this.#skipFeed(text)).split(this.#delimiter);
    const rest = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = this.#head + lines[0];
      this.#head = '';
    }
    const cut = Math.max(rest.length - this.#overlap, 0);
    this.#head += rest.slice(0, cut);
    this.#tail = rest.slice(cut);
    return lines;
  }

  end(): string[] {
    const last = this.#head + this.#tail;
    this.#head = '';
    return last === '' ? [] : [last];
  }

  /** A line feed that begins a piece belongs to the carriage return that ended the piece before: one line end, not two. */
  #skipFeed(text: string): string {
    const skips = this.#afterReturn && text.startsWith('\n');
    this.#afterReturn = typeof this.#delimiter !== 'string' && text.endsWith('\r');
    return skips ? text.slice(1) : text;
  }
}

const concat = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
