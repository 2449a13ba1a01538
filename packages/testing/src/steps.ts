import type { Bytes } from './bytes.ts';

/** Headers in the order and case they go out: a record (an array repeats the name) or a list of pairs. */
export type HeaderInput =
  | Readonly<Record<string, string | readonly string[]>>
  | readonly (readonly [name: string, value: string])[];

/** Sends bytes piece by piece: `size` bytes (default 1) every `every` milliseconds. */
export interface Pace {
  readonly every: number;
  readonly size?: number;
}

/** The status line and headers of a response, sent exactly as given. */
export interface HeadSpec {
  /** @defaultValue 200 */
  readonly status?: number;
  /** The standard phrase of the status unless given. */
  readonly reason?: string;
  /** @defaultValue '1.1' */
  readonly version?: string;
  readonly headers?: HeaderInput;
}

/** A response. What the headers do not say about framing and the connection is added. */
export interface ResponseSpec extends HeadSpec {
  readonly body?: Bytes;
  /**
   * How the body's end is told: `length` adds Content-Length (unless the headers frame the body themselves), `chunked`
   * sends one chunk, `close` ends the connection after the script, `none` adds nothing.
   * @defaultValue 'length'
   */
  readonly framing?: 'length' | 'chunked' | 'close' | 'none';
  /** Sends the body slowly. The head goes first, at once. */
  readonly pace?: Pace;
}

/** A response with `Transfer-Encoding: chunked`. */
export interface ChunkedSpec extends HeadSpec {
  readonly chunks: readonly Bytes[];
  readonly trailers?: HeaderInput;
  /** Text after each chunk size, `;name=value` included. */
  readonly extension?: string;
  /** Milliseconds between two chunks. @defaultValue 0 */
  readonly every?: number;
  /** `false` leaves the last chunk out, so that the body never ends. @defaultValue true */
  readonly end?: boolean;
}

/** What must hold for {@link when} to take its first branch. All given facts must hold. */
export interface Condition {
  readonly method?: string;
  /** The request's number on its connection, from 1. */
  readonly request?: number;
  /** The connection's number on its server, from 1. */
  readonly connection?: number;
  /** By name: the exact value, `true` for present, `null` for absent. */
  readonly headers?: Readonly<Record<string, string | true | null>>;
}

/**
 * The moment a script starts. Routes: `request-line` (before the headers), `headers` (before the body), `body` (when the
 * whole request is here: the default). Connections: `accept` (before TLS: the default), `tls` (after the handshake).
 */
export type Moment = 'request-line' | 'headers' | 'body' | 'accept' | 'tls';

/** How a tunnel opens. */
export interface TunnelSpec {
  /** What answers the CONNECT. @defaultValue 'HTTP/1.1 200 Connection established\r\n\r\n' */
  readonly reply?: Bytes;
  /** Where the bytes go, as `host:port`, instead of where the proxy's map sends the authority. */
  readonly to?: string;
}

/** One effect of a script: plain data, the same for a server in this process and for one behind a control server. */
export type Step =
  | { readonly respond: ResponseSpec }
  | { readonly chunked: ChunkedSpec }
  | { readonly head: HeadSpec }
  | { readonly raw: Bytes; readonly pace?: Pace }
  | { readonly echo: HeadSpec }
  | { readonly sleep: number }
  | { readonly stall: true }
  | { readonly close: { readonly notify?: boolean; readonly linger?: boolean } }
  | { readonly reset: true }
  | { readonly halfClose: true }
  | { readonly readNothing: true }
  | { readonly readAgain: true }
  | { readonly readBody: { readonly bytes?: number; readonly sendContinue?: boolean } }
  | { readonly at: Moment }
  | { readonly sequence: readonly Step[] }
  | { readonly together: readonly Step[] }
  | { readonly repeat: readonly Step[]; readonly times: number | 'forever' }
  | { readonly when: Condition; readonly do: Step; readonly otherwise: Step }
  | { readonly whileIdle: Step; readonly after: number }
  | { readonly proceed: true }
  | { readonly forward: true }
  | { readonly tunnel: TunnelSpec };

/** Answers, with Content-Length and keep-alive unless told otherwise. A number is a status with an empty body. */
export const respond = (response: ResponseSpec | number = {}): Step => ({
  respond: typeof response === 'number' ? { status: response } : response,
});

/** Answers with a `Location`. */
export const redirect = (
  status: number,
  location: string,
  response: Omit<ResponseSpec, 'status'> = {},
): Step => ({
  respond: { ...response, status, headers: [['location', location], ...pairs(response.headers)] },
});

/** Answers 200 with a JSON body. */
export const json = (value: unknown, response: Omit<ResponseSpec, 'body'> = {}): Step => ({
  respond: {
    ...response,
    headers: withDefault(response.headers, 'content-type', 'application/json'),
    body: JSON.stringify(value),
  },
});

/** Answers 200 with a text body in UTF-8. */
export const text = (value: string, response: Omit<ResponseSpec, 'body'> = {}): Step => ({
  respond: {
    ...response,
    headers: withDefault(response.headers, 'content-type', 'text/plain; charset=utf-8'),
    body: value,
  },
});

/** Answers with what arrived, as JSON: `{ method, target, headers: [[name, value]], body, bodyBase64, connection }`. */
export const echo = (response: HeadSpec = {}): Step => ({ echo: response });

/** Answers with these chunks, then the last chunk and the trailers. */
export const chunked = (chunks: readonly Bytes[], response: Omit<ChunkedSpec, 'chunks'> = {}): Step => ({
  chunked: { ...response, chunks },
});

/** Answers with a body sent `size` bytes (default 1) at a time, every `every` milliseconds. */
export const drip = (body: Bytes, options: Pace & Omit<ResponseSpec, 'body' | 'pace'>): Step => {
  const { every, size, ...response } = options;
  return { respond: { ...response, body, pace: size === undefined ? { every } : { every, size } } };
};

/** Sends a status line and headers only, exactly as given: an interim response, or the start of a broken one. */
export const head = (response: HeadSpec): Step => ({ head: response });

/** Sends exactly these bytes, slowly when a pace is given. */
export const raw = (bytes: Bytes, pace?: Pace): Step =>
  pace === undefined ? { raw: bytes } : { raw: bytes, pace };

/** Waits, in milliseconds. */
export const sleep = (milliseconds: number): Step => ({ sleep: milliseconds });

/** Does nothing for ever: no later step runs, no later request on the connection is answered. */
export const stall = (): Step => ({ stall: true });

/**
 * Ends the connection with FIN once everything is sent. `notify: false` leaves TLS's close_notify out (truncation);
 * `linger: false` does not wait for the rest of an upload, which makes the kernel send RST after the FIN.
 */
export const close = (options: { readonly notify?: boolean; readonly linger?: boolean } = {}): Step => ({
  close: options,
});

/**
 * Ends the connection with RST. What the client has not read by then may be lost to it: `sleep` first where it matters.
 */
export const reset = (): Step => ({ reset: true });

/** Sends FIN and goes on reading until the client closes too. */
export const halfClose = (): Step => ({ halfClose: true });

/** Stops reading the socket from here on. As the first step of a route it takes effect at the headers. */
export const readNothing = (): Step => ({ readNothing: true });

/** Reads the socket again after {@link readNothing}. */
export const readAgain = (): Step => ({ readAgain: true });

/**
 * Waits for the body, or for its first `bytes`. Answers `Expect: 100-continue` with 100 unless `sendContinue` is
 * `false`.
 */
export const readBody = (
  options: { readonly bytes?: number; readonly sendContinue?: boolean } = {},
): Step => ({ readBody: options });

/** The steps one after another, as one script. Local scripts may mix functions in. */
export const sequence = <const Steps extends readonly object[]>(
  ...steps: Steps
): { readonly sequence: Steps } => ({ sequence: steps });

/** The steps as one script that starts at this moment. */
export const at = <const Steps extends readonly object[]>(
  moment: Moment,
  ...steps: Steps
): { readonly sequence: readonly [{ readonly at: Moment }, ...Steps] } => ({
  sequence: [{ at: moment }, ...steps],
});

/** The steps as one script that starts at the headers, before the body has arrived. */
export const answerEarly = <const Steps extends readonly object[]>(
  ...steps: Steps
): { readonly sequence: readonly [{ readonly at: Moment }, ...Steps] } => at('headers', ...steps);

/** Sends what the steps write in one piece, so that it shares a segment. */
export const together = (...steps: readonly Step[]): Step => ({ together: steps });

/** The steps over and over: an endless body, a flood of interim responses. */
export const repeat = (times: number | 'forever', ...steps: readonly Step[]): Step => ({
  repeat: steps,
  times,
});

/** The first script when the condition holds for the request, else the second. */
export const when = <const Script extends object, const Otherwise extends object>(
  condition: Condition,
  script: Script,
  otherwise: Otherwise,
): { readonly when: Condition; readonly do: Script; readonly otherwise: Otherwise } => ({
  when: condition,
  do: script,
  otherwise,
});

/** Runs the step once the connection has been idle for `after` milliseconds behind this response. */
export const whileIdle = (after: number, step: Step): Step => ({ whileIdle: step, after });

/** Does nothing: the entry for connections that are to be served as usual in a list for `onConnect`. */
export const proceed = (): Step => ({ proceed: true });

/** Sends the request on, as a forward proxy does (proxy servers only). */
export const forward = (): Step => ({ forward: true });

/** Answers CONNECT and passes bytes both ways (proxy servers only). */
export const tunnel = (options: TunnelSpec = {}): Step => ({ tunnel: options });

/** The headers as a list of pairs, repeated names spread out. */
export function pairs(headers: HeaderInput | undefined): [name: string, value: string][] {
  if (headers === undefined) return [];
  if (isPairs(headers)) return headers.map(([name, value]) => [name, value]);
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[name, value] as [string, string]]
      : value.map((one): [string, string] => [name, one]),
  );
}

function isPairs(headers: HeaderInput): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

function withDefault(headers: HeaderInput | undefined, name: string, value: string): HeaderInput {
  const list = pairs(headers);
  return list.some(([given]) => given.toLowerCase() === name) ? list : [[name, value], ...list];
}
