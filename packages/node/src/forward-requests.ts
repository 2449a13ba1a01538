import type { Dispatcher } from 'undici/index.js';
import { answeringHandler } from './answering-handler.ts';
import type { ProxyAuthenticator } from './proxy-authenticator.ts';

/** What forwarding needs to know of the proxy. */
export interface ForwardOptions {
  /** `http://host:port` or `https://host:port` of the proxy. */
  readonly proxyOrigin: string;
  /** The proxy's host: without a fixed name undici opens a new connection for every other Host header. */
  readonly serverName: string;
  readonly authenticator: ProxyAuthenticator | undefined;
}

/**
 * Makes a pool of connections to a proxy send requests for http origins in absolute form (RFC 9112 3.2.2), with
 * Proxy-Authorization, and answer a 407's challenge where the body can be sent again. Any other 407 is a
 * response like another. A handler sees the start of each request that is sent.
 */
export const forwardRequests =
  ({ proxyOrigin, serverName, authenticator }: ForwardOptions): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) => {
    const send = (
      request: Dispatcher.DispatchOptions,
      handler: Dispatcher.DispatchHandler,
      challenges: number,
    ): boolean => {
      const origin = new URL(String(request.origin));
      const target = origin.origin + request.path;
      const headers = headerList(request.headers);
      const proof = has(headers, 'proxy-authorization')
        ? undefined
        : authenticator?.authorization(request.method, target);
      const forwarded: Dispatcher.DispatchOptions & { readonly servername: string } = {
        ...request,
        origin: proxyOrigin,
        path: target,
        servername: serverName,
        headers: [
          ...(has(headers, 'host') ? [] : ['host', origin.host]),
          ...headers,
          ...(proof === undefined ? [] : ['proxy-authorization', proof]),
        ],
      };
      if (
        proof === undefined ||
        authenticator === undefined ||
        challenges === 0 ||
        !isReplayable(request.body)
      ) {
        return dispatch(forwarded, handler);
      }
      const answer = (proxyAuthenticate: readonly string[]): (() => void) | undefined =>
        authenticator.accept(proxyAuthenticate, proof)
          ? () => void send(request, handler, challenges - 1)
          : undefined;
      return dispatch(forwarded, answeringHandler(handler, answer));
    };
    return (request, handler) => send(request, handler, MAX_CHALLENGES);
  };

/** Any form of headers that undici takes, as a flat list of names and values. */
export function headerList(headers: Dispatcher.DispatchOptions['headers']): readonly string[] {
  if (headers === null || headers === undefined) return [];
  if (Array.isArray(headers) && (headers.length === 0 || typeof headers[0] === 'string'))
    return headers.map(String);
  const entries: Iterable<readonly [string, unknown]> = isIterable(headers)
    ? headers
    : Object.entries(headers);
  return Array.from(entries).flatMap(([name, value]) => valuesOf(value).flatMap((one) => [name, one]));
}

// One for the first challenge, one for a nonce that went stale meanwhile.
const MAX_CHALLENGES = 2;

const isReplayable = (body: unknown): boolean =>
  body === null || body === undefined || typeof body === 'string' || body instanceof Uint8Array;

const has = (headers: readonly string[], name: string): boolean =>
  headers.some((text, index) => index % 2 === 0 && text.toLowerCase() === name);

const valuesOf = (value: unknown): readonly string[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

const isIterable = (value: object): value is Iterable<readonly [string, unknown]> => Symbol.iterator in value;
