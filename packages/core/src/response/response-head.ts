import type { HeaderSource } from './response-headers.ts';

/** Why a response in the history was not the last one. */
export type ResponseTag = 'redirect' | 'challenge' | 'retry';

/** Moments of one exchange in milliseconds since the transport took its request; `undefined` where the platform does not tell. */
export interface Timings {
  /** The request left its queue and had a connection. */
  readonly connected?: number | undefined;
  /** The head of the response was there. */
  readonly headers: number;
}

/** The connection that an exchange used, where the platform tells. */
export interface ConnectionInfo {
  /** Tells connections apart; numbered in the order they were made. */
  readonly id: number;
  /** Whether an earlier request had used it. */
  readonly reused: boolean;
  readonly protocol: string;
}

/** The head of a response, as a transport received it. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderSource;
  readonly connection?: ConnectionInfo | undefined;
  /** Where the platform followed redirects itself: the last URL. */
  readonly url?: string | undefined;
  readonly type?: Response['type'] | undefined;
  /** Performance-clock times: when sending began, when a connection was there, when the head had come. */
  readonly sentAt: number;
  readonly connectedAt?: number | undefined;
  readonly headersAt: number;
}

/** The moments of a head, counted from when sending began. */
export const timingsOf = ({ sentAt, connectedAt, headersAt }: ResponseHead): Timings => ({
  connected: connectedAt === undefined ? undefined : connectedAt - sentAt,
  headers: headersAt - sentAt,
});

/** Options of `text()`. */
export interface TextOptions {
  /** A WHATWG encoding label that overrules Content-Type and BOM. */
  readonly encoding?: string | undefined;
}

/** Options of `lines()` and `ndjson()`. */
export interface LinesOptions extends TextOptions {
  /** What ends a line. @defaultValue LF, CRLF or CR, whichever comes */
  readonly delimiter?: string | undefined;
  /** The longest line, in UTF-16 code units; `Infinity` for any. @defaultValue 1_048_576 */
  readonly maxLength?: number | undefined;
}
