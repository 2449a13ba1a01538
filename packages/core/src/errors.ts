// Our exception tree. Every failure of a session is one of these, or the caller's own signal.reason.
//
// SessionError
// ├─ RequestError            InvalidURLError, InvalidHeaderError, InvalidCookieError, UnreplayableBodyError,
// │                          UnsupportedOptionError, SessionClosedError
// ├─ ConnectionError         ProxyError, TLSError
// ├─ TimeoutError
// ├─ RedirectError           TooManyRedirectsError, UnsafeRedirectError
// ├─ HTTPError
// ├─ RetryError
// ├─ AuthError               OAuth2Error, both beside what throws them: in auth/
// └─ BodyError               JSONDecodeError, SchemaError, DecodingError, IncompleteBodyError, BodyTooLargeError
import { brand, type ErrorClass, isOfClass } from './error-brand.ts';
import { redactUrl } from './redact.ts';
import type { PreparedRequest } from './request/prepared-request.ts';
import type { SessionResponse } from './response/session-response.ts';
import type { SchemaIssue } from './response/standard-schema.ts';

/** What every {@link SessionError} may carry beside its message. */
export interface ErrorDetails {
  readonly request?: PreparedRequest | undefined;
  readonly cause?: unknown;
}

/** The root of all errors of a session. Holds no secret in its message, `toJSON()` or inspection. */
export abstract class SessionError extends Error {
  /** Stable identifier, such as `ERR_TIMEOUT`. */
  readonly code: string;
  /** Whether the same request may succeed when sent again. */
  readonly retryable: boolean = false;
  readonly #request: PreparedRequest | undefined;
  readonly #attempts: number;

  constructor(code: string, message: string, { request, cause }: ErrorDetails = {}) {
    super(describe(message, request), cause === undefined ? undefined : { cause });
    this.code = code;
    this.#request = request;
    this.#attempts = request?.attempts ?? 0;
  }

  /** The request that failed, as far as it was built. */
  get request(): PreparedRequest | undefined {
    return this.#request;
  }

  /** How many attempts had been made when this error arose; 0 when nothing was sent. */
  get attempts(): number {
    return this.#attempts;
  }

  /**
   * `instanceof` for the errors of every copy of this package in the process: `TimeoutError.is(error)`.
   */
  static is<T extends SessionError>(this: ErrorClass<T>, value: unknown): value is T {
    // biome-ignore lint/complexity/noThisInStatic: each class of the tree answers for itself
    return isOfClass(value, this);
  }

  /** A log line without headers, bodies, user information or query values. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      attempts: this.#attempts,
      ...(this.#request && { method: this.#request.method, url: redactUrl(this.#request.url) }),
    };
  }
}

const describe = (message: string, request: PreparedRequest | undefined): string => {
  if (request === undefined) return message;
  const attempt = request.attempts > 1 ? ` (attempt ${request.attempts} of ${request.maxAttempts})` : '';
  return `${request.method} ${redactUrl(request.url)}: ${message}${attempt}`;
};

// What a server has chosen goes into logs and terminals: no control characters, and not 30 kB of it.
const forLogs = (text: string): string => {
  const short = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return short.replace(/\p{Cc}/gu, '?');
};

/** The request could not be built or must not be sent. Nothing was sent. */
export class RequestError extends SessionError {
  constructor(message: string, details?: ErrorDetails, code = 'ERR_REQUEST') {
    super(code, message, details);
  }
}

/** The URL is relative without a `baseUrl`, malformed, or of a scheme that no transport serves. */
export class InvalidURLError extends RequestError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, details, 'ERR_INVALID_URL');
  }
}

/** A header name or value is not allowed (RFC 9110 5.1, 5.5), or belongs to the transport. */
export class InvalidHeaderError extends RequestError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, details, 'ERR_INVALID_HEADER');
  }
}

/** A cookie given through the API has octets that RFC 6265 4.1.1 forbids, or names no host. */
export class InvalidCookieError extends RequestError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, details, 'ERR_INVALID_COOKIE');
  }
}

/** A redirect or challenge needs the body again, and it was a one-shot stream. (A retry leaves the failure that it would repeat.) */
export class UnreplayableBodyError extends RequestError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, details, 'ERR_BODY_NOT_REPLAYABLE');
  }
}

/** The platform cannot honour this option; it would have been ignored. */
export class UnsupportedOptionError extends RequestError {
  /** The option's name, such as `tls.verify`. */
  readonly option: string;
  /** The platform or transport that cannot do it, such as `browser`. */
  readonly platform: string;

  constructor(option: string, platform: string, reason: string, details?: ErrorDetails) {
    super(`${option} is not supported on ${platform}: ${reason}`, details, 'ERR_UNSUPPORTED_OPTION');
    this.option = option;
    this.platform = platform;
  }
}

/** The session was closed before or during this call. */
export class SessionClosedError extends RequestError {
  constructor(details?: ErrorDetails) {
    super('the session is closed', details, 'ERR_SESSION_CLOSED');
  }
}

/** Where on the way a connection failed. */
export type ConnectionPhase = 'dns' | 'connect' | 'tls' | 'send' | 'headers' | 'body' | 'unknown';

/** What a {@link ConnectionError} adds. */
export interface ConnectionDetails extends ErrorDetails {
  /** False only when not one byte of the request can have left. */
  readonly requestSent: boolean;
  readonly phase?: ConnectionPhase;
  readonly code?: string;
  readonly retryable?: boolean;
}

/** No complete response came: refused, reset, unknown host, broken framing. */
export class ConnectionError extends SessionError {
  /** False when the request provably never left, so that repeating it is safe for any method. */
  readonly requestSent: boolean;
  /** Where on the way it failed; `unknown` where the platform does not tell. */
  readonly phase: ConnectionPhase;
  override readonly retryable: boolean;

  constructor(message: string, details: ConnectionDetails) {
    super(details.code ?? 'ERR_CONNECTION', message, details);
    this.requestSent = details.requestSent;
    this.phase = details.phase ?? 'unknown';
    this.retryable = details.retryable ?? true;
  }
}

/** The proxy was unreachable, or answered CONNECT with anything but 2xx. */
export class ProxyError extends ConnectionError {
  /** The status of the proxy's own answer, when there was one. */
  readonly status: number | undefined;

  constructor(message: string, details: ConnectionDetails & { readonly status?: number | undefined }) {
    super(message, { code: 'ERR_PROXY', ...details });
    this.status = details.status;
  }
}

/** Certificate or handshake failure. Final: never retried. */
export class TLSError extends ConnectionError {
  /** The cause's own code, such as `CERT_HAS_EXPIRED`. */
  readonly reason: string | undefined;

  constructor(message: string, details: ConnectionDetails & { readonly reason?: string | undefined }) {
    super(message, { code: 'ERR_TLS', phase: 'tls', retryable: false, ...details });
    this.reason = details.reason;
  }
}

/** Which wait came to its limit. */
export type TimeoutPhase = 'queue' | 'connect' | 'send' | 'headers' | 'body' | 'attempt' | 'total';

/** A wait came to its limit. */
export class TimeoutError extends SessionError {
  /** Which wait it was. */
  readonly phase: TimeoutPhase;
  /** The limit in milliseconds. */
  readonly limit: number;
  /** False when the request provably never left. */
  readonly requestSent: boolean;
  override readonly retryable: boolean;

  constructor(
    phase: TimeoutPhase,
    limit: number,
    details: ErrorDetails & { readonly requestSent?: boolean },
  ) {
    super('ERR_TIMEOUT', `${timeoutTexts[phase]} within ${limit} ms`, details);
    this.phase = phase;
    this.limit = limit;
    this.requestSent = details.requestSent ?? !(phase === 'queue' || phase === 'connect');
    this.retryable = phase !== 'total';
  }
}

const timeoutTexts: Readonly<Record<TimeoutPhase, string>> = {
  queue: 'no free connection',
  connect: 'no connection',
  send: 'the request body was not accepted',
  headers: 'no response headers',
  body: 'no more of the response body',
  attempt: 'the attempt did not end',
  total: 'the call did not end',
};

/** What errors that follow from a response carry. */
export interface ResponseErrorDetails extends ErrorDetails {
  readonly response?: SessionResponse | undefined;
}

abstract class ResponseError extends SessionError {
  readonly #response: SessionResponse | undefined;

  constructor(code: string, message: string, details: ResponseErrorDetails = {}) {
    super(code, message, { request: details.response?.request, ...details });
    this.#response = details.response;
  }

  /** The response that led here, still readable where its body was kept. */
  get response(): SessionResponse | undefined {
    return this.#response;
  }
}

/** A redirect could not be followed. */
export class RedirectError extends ResponseError {
  constructor(message: string, details?: ResponseErrorDetails, code = 'ERR_REDIRECT') {
    super(code, message, details);
  }

  /** The responses before {@link response}, oldest first. */
  get history(): readonly SessionResponse[] {
    return this.response?.history ?? [];
  }
}

/** More redirects than `redirect.max`. */
export class TooManyRedirectsError extends RedirectError {
  constructor(limit: number, details?: ResponseErrorDetails) {
    super(`stopped after ${limit} redirects`, details, 'ERR_TOO_MANY_REDIRECTS');
  }
}

/** The redirect leads to another scheme than http and https, or from https down to http. */
export class UnsafeRedirectError extends RedirectError {
  constructor(message: string, details?: ResponseErrorDetails) {
    super(message, details, 'ERR_UNSAFE_REDIRECT');
  }
}

/** The status is 4xx or 5xx and `raiseForStatus` was asked for. */
export class HTTPError extends ResponseError {
  /** The status of the response. */
  readonly status: number;
  override readonly retryable: boolean;

  constructor(response: SessionResponse) {
    const reason = response.statusText === '' ? '' : ` ${forLogs(response.statusText)}`;
    super('ERR_HTTP_STATUS', `answered ${response.status}${reason}`, { response });
    this.status = response.status;
    this.retryable = [408, 425, 429, 500, 502, 503, 504].includes(response.status);
  }

  override get response(): SessionResponse {
    return super.response as SessionResponse;
  }

  /** The body of the error response as text. */
  text(): Promise<string> {
    return this.response.text();
  }

  /** The body of the error response as JSON. */
  json(): Promise<unknown> {
    return this.response.json();
  }
}

/** The retries are used up and the policy asks to throw rather than to return the last response. */
export class RetryError extends ResponseError {
  constructor(message: string, details?: ResponseErrorDetails) {
    super('ERR_RETRY', message, details);
  }
}

/** The response's head arrived, but its body could not be read or understood. */
export class BodyError extends ResponseError {
  constructor(message: string, details?: ResponseErrorDetails, code = 'ERR_BODY') {
    super(code, message, details);
  }
}

/** The body is not JSON. */
export class JSONDecodeError extends BodyError {
  readonly #text: string;

  constructor(message: string, text: string, details?: ResponseErrorDetails) {
    super(message, details, 'ERR_JSON_DECODE');
    this.#text = text;
  }

  /** The text that would not parse. Not shown when the error is printed: it may hold secrets. */
  get text(): string {
    return this.#text;
  }
}

/** The body is JSON, but not as the schema wants it. */
export class SchemaError extends BodyError {
  readonly #issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[], details?: ResponseErrorDetails) {
    super(
      `the body does not fit the schema: ${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`,
      details,
      'ERR_SCHEMA',
    );
    this.#issues = issues;
  }

  /** What the schema found. Not shown when the error is printed: messages may quote the body. */
  get issues(): readonly SchemaIssue[] {
    return this.#issues;
  }
}

/** The body's content coding is corrupt, truncated, unknown, or nested too deep. */
export class DecodingError extends BodyError {
  constructor(message: string, details?: ResponseErrorDetails) {
    super(message, details, 'ERR_DECODING');
  }
}

/** The connection ended before the body did. */
export class IncompleteBodyError extends BodyError {
  override readonly retryable: boolean = true;
  /** Bytes of the body that arrived. */
  readonly received: number;

  constructor(message: string, received: number, details?: ResponseErrorDetails) {
    super(message, details, 'ERR_INCOMPLETE_BODY');
    this.received = received;
  }
}

/** The body is larger than `maxResponseSize` or a reader's own limit. */
export class BodyTooLargeError extends BodyError {
  /** The limit in bytes. */
  readonly limit: number;

  constructor(limit: number, details?: ResponseErrorDetails) {
    super(`the body is larger than ${limit} bytes`, details, 'ERR_BODY_TOO_LARGE');
    this.limit = limit;
  }
}

for (const [name, type] of Object.entries({
  SessionError,
  RequestError,
  InvalidURLError,
  InvalidHeaderError,
  InvalidCookieError,
  UnreplayableBodyError,
  UnsupportedOptionError,
  SessionClosedError,
  ConnectionError,
  ProxyError,
  TLSError,
  TimeoutError,
  RedirectError,
  TooManyRedirectsError,
  UnsafeRedirectError,
  HTTPError,
  RetryError,
  BodyError,
  JSONDecodeError,
  SchemaError,
  DecodingError,
  IncompleteBodyError,
  BodyTooLargeError,
})) {
  brand(type, name);
}
