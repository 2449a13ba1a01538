import { knownEncoding } from './decode-text.ts';
import { type BodyInHand, loadReaders, readWith } from './load-readers.ts';
import type { LinesOptions } from './response-head.ts';

/**
 * Splits a stream of bytes into lines without their ends, the same however the stream is cut into chunks.
 *
 * A last line need not be ended; after a last line end there is no further, empty line. Leaving the loop early returns
 * the source.
 *
 * @param options `encoding` is UTF-8 unless given: nothing of Content-Type is known here
 * @param tooLong makes the error for a line longer than `maxLength`; it is thrown as soon as so much has arrived
 * @throws {TypeError} at once, naming the option that is wrong
 */
export const splitLines = (
  chunks: AsyncIterable<Uint8Array>,
  { encoding = 'utf-8', delimiter, maxLength = 1_048_576 }: LinesOptions,
  tooLong: (maxLength: number) => Error,
  response?: BodyInHand,
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
  return readWith(loadReaders, response, ({ readLines }) =>
    readLines(chunks, decoder, delimiter, maxLength, tooLong),
  );
};
