import { knownEncoding } from './decode-text.ts';

/** How a body is split into lines. */
export interface LineOptions {
  /** Any label of the WHATWG Encoding Standard. @defaultValue `utf-8` */
  readonly encoding?: string | undefined;
  /** What ends a line. @defaultValue `\n`, `\r\n` or `\r`, whichever comes */
  readonly delimiter?: string | undefined;
  /** The longest line, in UTF-16 code units; `Infinity` for any. @defaultValue 1_048_576 */
  readonly maxLength?: number | undefined;
}

/**
 * Splits a stream of bytes into lines without their ends, the same however the stream is cut into chunks.
 *
 * A last line need not be ended; after a last line end there is no further, empty line. Leaving the loop early returns
 * the source.
 *
 * @param tooLong makes the error for a line longer than `maxLength`; it is thrown as soon as so much has arrived
 * @throws {TypeError} at once, naming the option that is wrong
 */
export const splitLines = (
  chunks: AsyncIterable<Uint8Array>,
  { encoding = 'utf-8', delimiter, maxLength = 1_048_576 }: LineOptions,
  tooLong: (maxLength: number) => Error,
): AsyncGenerator<string, void, undefined> => {
  const decoder = new TextDecoder(knownEncoding(encoding));
  if (delimiter !== undefined && (typeof delimiter !== 'string' || delimiter === '')) {
    throw new TypeError(
      `delimiter must be a string of one character or more, got ${JSON.stringify(delimiter)}`,
    );
  }
  if (typeof maxLength !== 'number' || !(maxLength >= 1)) {
    throw new TypeError(`maxLength must be a number of 1 or more, got ${String(maxLength)}`);
  }
  return readLines(chunks, decoder, new LineSplitter(delimiter), maxLength, tooLong);
};

async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  decoder: TextDecoder,
  splitter: LineSplitter,
  maxLength: number,
  tooLong: (maxLength: number) => Error,
): AsyncGenerator<string, void, undefined> {
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
