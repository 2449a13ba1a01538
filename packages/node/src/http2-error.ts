import { constants } from 'node:http2';

/** Why an HTTP/2 stream ended without a whole response. */
export type Http2ErrorCode =
  /** The server did not process the request at all (RFC 9113 8.7): it may be sent again whatever the method. */
  | 'ERR_HTTP2_REFUSED'
  /** The server reset the stream. */
  | 'ERR_HTTP2_RESET'
  /** The body is not as long as Content-Length says (RFC 9113 8.1.1). */
  | 'ERR_HTTP2_LENGTH'
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

/** Names the code of a RST_STREAM or GOAWAY frame. */
export const http2CodeName = (code: number): string => {
  const name = Object.entries(constants).find(
    ([key, value]) => value === code && errorCodes.test(key) && !key.startsWith('NGHTTP2_ERR'),
  )?.[0];
  return name?.slice('NGHTTP2_'.length) ?? `code ${code}`;
};

const errorCodes =
  /^NGHTTP2_(?:NO_ERROR|\w+_ERROR|REFUSED_STREAM|CANCEL|SETTINGS_TIMEOUT|STREAM_CLOSED|ENHANCE_YOUR_CALM|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/;
