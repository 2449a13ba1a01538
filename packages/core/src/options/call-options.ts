import type { AuthInit } from '../auth/auth.ts';
import type { CookiesInit, JarOptions } from '../cookies/cookie-jar.ts';
import type { HooksInit } from '../hooks/hooks.ts';
import type { RedirectInit } from '../redirect/redirect-options.ts';
import type { HeadersInit } from '../request/header-list.ts';
import type { MultipartInit } from '../request/multipart.ts';
import type { ParamsInit } from '../request/query.ts';
import type { BodyInit } from '../request/request-body.ts';
import type { RetryInit } from '../retry/retry-options.ts';
import type { TimeoutInit } from '../timeout/timeout-options.ts';
import type { TransportOptions } from '../transport/transport-options.ts';

/** How far an upload or download has come. */
export interface Progress {
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all, `null` when unknown. */
  readonly total: number | null;
  /** Bytes per second since the start. */
  readonly rate: number;
}

/** Options that a session and a call both take: `undefined` inherits, `null` turns off. */
export interface SharedOptions extends TransportOptions {
  /** Request headers. A `null` value removes an inherited one. */
  readonly headers?: HeadersInit | null | undefined;
  /** Query parameters, merged by name; a `null` value removes an inherited one. */
  readonly params?: ParamsInit | null | undefined;
  /** Credentials, bound to an origin: see `SessionOptions.origins`. */
  readonly auth?: AuthInit | null | undefined;
  /** Limits in milliseconds; a number is the total. @defaultValue connect 10 s, headers 60 s, idle 60 s, queue 60 s */
  readonly timeout?: TimeoutInit | undefined;
  /** How often and when failed attempts are repeated. @defaultValue 2 retries of idempotent methods */
  readonly retry?: RetryInit | undefined;
  /** What to do with 301, 302, 303, 307 and 308. @defaultValue follow, at most 30 */
  readonly redirect?: RedirectInit | undefined;
  /** Reject with `HTTPError` on 4xx and 5xx. @defaultValue false */
  readonly raiseForStatus?: boolean | undefined;
  /** Functions at fixed positions of the pipeline. Those of a call run after those of the session; `null` drops those. */
  readonly hooks?: HooksInit | null | undefined;
  /** Told as parts of the request's body are handed on. Refused in browsers, whose fetch does not tell. @defaultValue none */
  readonly onUploadProgress?: ((progress: Progress) => void) | null | undefined;
  /** Told as parts of the response's body arrive, while somebody reads. @defaultValue none */
  readonly onDownloadProgress?: ((progress: Progress) => void) | null | undefined;
  /** Most decoded bytes of a body that is read as a whole; `null` and `Infinity` for no limit. @defaultValue 100 MiB */
  readonly maxResponseSize?: number | null | undefined;
  /** Undo content codings. @defaultValue true */
  readonly decompress?: boolean | undefined;
}

/** Options of one call. Nothing given here is kept by the session. */
export interface CallOptions extends SharedOptions {
  /** Cookies of this call by name, bound to its URL's origin; they replace the jar's of the same name. `null` removes one. */
  readonly cookies?: Readonly<Record<string, string | null | undefined>> | null | undefined;
  /** Sent as application/json, `null` too. Of `json`, `form`, `multipart` and `body` one at most is given. */
  readonly json?: unknown;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: ParamsInit | null | undefined;
  /** Sent as multipart/form-data, streamed where parts are. */
  readonly multipart?: MultipartInit | null | undefined;
  /** Sent as it is. A function is called for each send, which makes streams replayable; it makes no form, and no content type follows. */
  readonly body?: BodyInit | null | undefined;
  /** Rejects the call with `signal.reason` at once, whatever it waits for. */
  readonly signal?: AbortSignal | null | undefined;
  /** The base for a relative URL, in place of the session's. */
  readonly baseUrl?: string | URL | null | undefined;
}

/** Options of a session. */
export interface SessionOptions extends SharedOptions {
  /** Relative URLs are joined to it by WHATWG rules; credentials, default headers and parameters are bound to its origin. */
  readonly baseUrl?: string | URL | null | undefined;
  /** More origins that the session's credentials, default headers and parameters may go to. */
  readonly origins?: readonly string[] | undefined;
  /** A jar to use, cookies to begin with, or `false` to keep none. @defaultValue an empty jar */
  readonly cookies?: CookiesInit | JarOptions | null | undefined;
  /** Aborts every call of the session. */
  readonly signal?: AbortSignal | null | undefined;
}
