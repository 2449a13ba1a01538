import type { PreparedRequest } from '../request/prepared-request.ts';
import { type BodyReader, FetchBody } from '../transport/fetch-body.ts';
import { nativeHeaders } from './response-headers.ts';
import { SessionResponse } from './session-response.ts';

/** Takes over a WHATWG response that somebody else made: a mock, a cache, a service binding, another fetch. */
export const responseFrom = (
  request: PreparedRequest,
  response: Response,
  sentAt: number = performance.now(),
): SessionResponse => responseRead(request, response, sentAt, defaultReader);

/** As {@link responseFrom}, with another way to read the body than the stream's default reader. */
export const responseRead = (
  request: PreparedRequest,
  response: Response,
  sentAt: number,
  readerOf: (stream: ReadableStream<Uint8Array>) => BodyReader,
): SessionResponse => {
  const { body } = response;
  return new SessionResponse(
    request,
    {
      status: response.status,
      statusText: response.statusText,
      headers: nativeHeaders(response.headers),
      // Mocks and service bindings leave it empty; then the request's own URL stands.
      url: response.redirected && response.url !== '' ? response.url : undefined,
      type: response.type,
      sentAt,
      headersAt: performance.now(),
    },
    body === null ? null : new FetchBody(request, readerOf(body)),
  );
};

/** Reads a stream as it comes. */
export const defaultReader = (stream: ReadableStream<Uint8Array>): BodyReader => stream.getReader();
