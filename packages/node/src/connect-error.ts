/**
 * Why a connection was not made. Every failure that this package itself finds between the name lookup and the
 * first byte of the request carries one of these codes; what the system found (`ECONNREFUSED`, `ENOTFOUND`,
 * `CERT_HAS_EXPIRED`, ...) keeps its own.
 *
 * | code | meaning | beside `code` |
 * |---|---|---|
 * | `ERR_TLS_PIN` | the server's key is none of the pinned ones | |
 * | `ERR_PROXY_UNREACHABLE` | no connection to the proxy, or it hung up before it answered | `cause` |
 * | `ERR_PROXY_TLS` | TLS to the proxy itself failed | `cause` |
 * | `ERR_PROXY_CONNECT` | the proxy refused the tunnel | `statusCode`, `statusText`, `body` |
 * | `ERR_PROXY_RESPONSE` | the proxy's answer to CONNECT is not HTTP | `cause` |
 * | `ERR_PROXY_EARLY_DATA` | bytes came through the tunnel before TLS began | |
 * | `ERR_PROXY_SOCKS` | the SOCKS proxy failed, or does not speak SOCKS | |
 * | `ERR_PROXY_DENIED` | the SOCKS proxy does not accept these credentials or this destination, now or later | |
 *
 * None of them may ever be undici's `UND_ERR_SOCKET` or `UND_ERR_INFO`: its client takes those for "try to
 * connect again" and would do so for ever.
 */
export type ConnectErrorCode =
  | 'ERR_TLS_PIN'
  | 'ERR_PROXY_UNREACHABLE'
  | 'ERR_PROXY_TLS'
  | 'ERR_PROXY_CONNECT'
  | 'ERR_PROXY_RESPONSE'
  | 'ERR_PROXY_EARLY_DATA'
  | 'ERR_PROXY_SOCKS'
  | 'ERR_PROXY_DENIED';

/** What a {@link ConnectError} may carry. */
export interface ConnectErrorDetails {
  /** What was found underneath. */
  readonly cause?: unknown;
  /** The status of the proxy's answer to CONNECT. */
  readonly statusCode?: number;
  /** The reason phrase of the proxy's answer to CONNECT. */
  readonly statusText?: string;
  /** The start of the body of the proxy's answer, at most 1 KiB; never the origin's. */
  readonly body?: string;
}

/** A connection that was not made; the transport translates it into the session's own errors. */
export class ConnectError extends Error {
  readonly code: ConnectErrorCode;
  readonly statusCode?: number;
  readonly statusText?: string;
  readonly body?: string;

  constructor(code: ConnectErrorCode, message: string, { cause, ...details }: ConnectErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, details);
  }

  static {
    Object.defineProperty(ConnectError.prototype, 'name', { value: 'ConnectError', configurable: true });
  }
}
