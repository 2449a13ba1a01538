import type { Dispatcher } from 'undici/index.js';
import { AnsweringHandler } from './answering-handler.ts';
import { mostChallenges, type ProxyAuthenticator } from './proxy-authenticator.ts';
import { StreamedBody } from './streamed-body.ts';

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
      // The transport writes them as one flat list of names and values.
      const headers = request.headers as readonly string[];
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
      if (proof === undefined || authenticator === undefined || challenges === 0) {
        return dispatch(forwarded, handler);
      }
      const answer = (proxyAuthenticate: readonly string[]): (() => void) | undefined =>
        isReplayable(request.body) && authenticator.accept(proxyAuthenticate, proof)
          ? () => void send(request, handler, challenges - 1)
          : undefined;
      return dispatch(forwarded, new AnsweringHandler(handler, answer));
    };
    return (request, handler) => send(request, handler, mostChallenges);
  };

// Asked when the challenge has come: a one-shot stream has been read by then.
const isReplayable = (body: unknown): boolean =>
  body instanceof StreamedBody ? body.replayable : body == null || body instanceof Uint8Array;

const has = (headers: readonly string[], name: string): boolean =>
  headers.some((text, index) => index % 2 === 0 && text.toLowerCase() === name);
