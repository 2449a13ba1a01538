import type { CallOptions } from '../options/call-options.ts';
import type { BodyInit } from '../request/request-body.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { Session } from './session.ts';

/**
 * A drop-in `fetch` over a session: takes what fetch takes (a `Request` with its method, headers, body, signal and redirect mode),
 * answers what fetch answers, with cookies, credentials, retries and limits of the session.
 *
 * Options of a call may stand in `init` too.
 */
export const fetchThrough = (session: Session): typeof globalThis.fetch =>
  // async: fetch never throws, it rejects
  (async (input: RequestInfo | URL, init: RequestInit & CallOptions = {}): Promise<Response> => {
    const {
      method,
      headers,
      body,
      duplex: _duplex,
      window: _window,
      ...options
    } = init as RequestInit & CallOptions & { duplex?: unknown; window?: unknown };
    if (!isRequest(input)) {
      return session.request(
        method ?? 'GET',
        input,
        callOptions(options, headers, body as BodyInit | null | undefined),
      );
    }
    const request: Request = input;
    const merged = { signal: request.signal, redirect: request.redirect, ...options };
    const ownBody = body === undefined ? bodyOf(request) : body;
    return session.request(
      method ?? request.method,
      request.url,
      callOptions(merged, headers ?? request.headers, ownBody as BodyInit | null | undefined),
    );
  }) as typeof globalThis.fetch;

const callOptions = (
  options: CallOptions,
  headers: CallOptions['headers'] | Headers | [string, string][] | undefined,
  body: BodyInit | null | undefined,
): CallOptions => ({
  ...options,
  ...(headers !== undefined && headers !== null && { headers: withoutFraming(headers) }),
  ...(body !== undefined && body !== null && { body }),
});

// A Request may come from another realm or library (undici's, Deno's): judged by its shape.
const isRequest = (input: unknown): input is Request =>
  typeof input === 'object' &&
  input !== null &&
  !(input instanceof URL) &&
  'url' in input &&
  'method' in input &&
  'headers' in input;

// A Request's body is a stream: its content type is in its headers, and it can be sent once. A clone would buffer it.
const bodyOf = (request: Request): BodyInit | null => request.body as BodyInit | null;

// SDKs set Content-Length themselves; fetch drops it as forbidden, and so does this facade. The core computes it.
const withoutFraming = (headers: NonNullable<CallOptions['headers']> | Headers): CallOptions['headers'] => {
  const pairs: readonly (readonly [string, unknown])[] =
    Symbol.iterator in headers ? [...(headers as Iterable<[string, unknown]>)] : Object.entries(headers);
  return pairs.filter(([name]) => String(name).toLowerCase() !== 'content-length') as [string, string][];
};

/** For platforms whose servers take only their own `Response`. */
export const asNative = (response: SessionResponse): Response => response.toResponse();
