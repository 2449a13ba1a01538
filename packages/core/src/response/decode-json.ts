import { JSONDecodeError } from '../errors.ts';
import { decodeJsonText } from './decode-text.ts';
import type { SessionResponse } from './session-response.ts';

/** @throws {JSONDecodeError} when the bytes are not JSON, or none */
export const decodeJson = (bytes: Uint8Array, response: SessionResponse): unknown => {
  const text = decodeJsonText(bytes, response.headers.get('content-type'));
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = text === '' ? 'the body is empty, not JSON' : 'the body is not JSON';
    // V8 quotes the text in its message; the text is at .text for those who ask.
    throw new JSONDecodeError(message, text, { response, cause: new SyntaxError(whereIn(error)) });
  }
};

const whereIn = (error: unknown): string => {
  const message = error instanceof Error ? error.message : '';
  const position = /position \d+(?: \(line \d+ column \d+\))?/.exec(message);
  return position === null ? 'unexpected input' : `unexpected input at ${position[0]}`;
};
