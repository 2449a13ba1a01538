import type { Auth } from './auth/auth.ts';
import type { CookiesInit, Jar, JarOptions } from './cookies/cookie-jar.ts';
import type { Middleware } from './middleware.ts';
import type { SessionResponse } from './response/session-response.ts';
import type { Clock } from './timeout/timer.ts';
import type { Transport } from './transport/transport.ts';
import type { TransportOptions } from './transport/transport-options.ts';

/** What a session needs of the place it runs in. Core knows no runtime; each platform package has one of these. */
export interface Platform {
  readonly name: string;
  /** The transport of a session with these options. @throws {UnsupportedOptionError} for what the platform cannot do */
  createTransport(options: TransportOptions): Transport;
  /** The session's `User-Agent`, `null` where the platform sets its own. */
  readonly userAgent: string | null;
  /** Jar and layer; `null` where the platform keeps cookies itself. */
  readonly cookies: CookieSupport | null;
  /** Writes a body to a file: Node, Deno, Bun. */
  readonly download?: (
    response: SessionResponse,
    path: string,
    options: DownloadOptions,
  ) => Promise<DownloadResult>;
  /** What timers run on, where one outlives whatever set it. Left out, each has a setTimeout of its own. */
  readonly clock?: Clock;
  /** Credentials from netrc, for `trustEnv: { netrc: true }`. */
  readonly netrc?: () => Auth;
}

/** The platform's jar and the layer that reads and fills it. */
export interface CookieSupport {
  createJar(init: Exclude<CookiesInit, false> | JarOptions | undefined, url: string | null): Jar;
  middleware(jar: Jar): Middleware;
}

/** Options of `response.download(path)`. */
export interface DownloadOptions {
  /** Continue a partial file by `Range` and `If-Range`. @defaultValue false */
  readonly resume?: boolean | undefined;
  /** Ends the download with `signal.reason`, between the parts of a continued one too. */
  readonly signal?: AbortSignal | null | undefined;
}

/** What `response.download(path)` has written. */
export interface DownloadResult {
  readonly path: string;
  /** Bytes of the complete file. */
  readonly size: number;
  /** Bytes that were there before. */
  readonly resumedFrom: number;
}
