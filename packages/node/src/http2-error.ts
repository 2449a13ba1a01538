/** Why an HTTP/2 stream ended without a whole response. */
export type Http2ErrorCode =
  /** The server did not process the request at all (RFC 9113 8.7): it may be sent again whatever the method. */
  | 'ERR_HTTP2_REFUSED'
  /** The server reset the stream. */
  | 'ERR_HTTP2_RESET'
  /** The body is not as long as Content-Length says (RFC 9113 8.1.1). */
  | 'ERR_HTTP2_LENGTH'
  /** The status of the response is not one (RFC 9110 15): what the parser of HTTP/1 says of it. */
  | 'HPE_INVALID_STATUS'
  /** The server sent interim responses without end. */
  | 'ERR_INTERIM_RESPONSES'
  /** The request cannot be said in HTTP/2. */
  | 'ERR_HTTP2_REQUEST'
  /** The connection ended. */
  | 'ECONNRESET';

/** A failed stream; the transport translates it into the session's own errors. */
export class Http2Error extends Error {
  readonly code: Http2ErrorCode;

  constructor(code: Http2ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
