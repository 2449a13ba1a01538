import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { PlatformOption, TransportOptions } from './transport-options.ts';

/** What a transport can do. What it cannot is refused when it is asked for, never ignored. */
export interface TransportCapabilities {
  /** The options of {@link TransportOptions} that it honours. */
  readonly options: readonly PlatformOption[];
  /** Whether 3xx responses can be seen, or the platform follows them unseen. */
  readonly redirects: 'manual' | 'native';
  /** Whether `Cookie` and `Set-Cookie` pass, or the platform keeps its own jar. */
  readonly cookies: 'visible' | 'native';
  /** Content codings that it undoes by itself, without a trace. */
  readonly decodes: readonly string[];
  /** What it may send again by itself when a kept-alive connection breaks. */
  readonly resends: 'never' | 'idempotent' | 'any';
  /** Whether a request body can be streamed. */
  readonly requestStreams: boolean;
  /** Lower-case names of request headers that the platform would drop or change. */
  readonly forbiddenHeaders: readonly string[];
  /** Whether GET and HEAD may have a body. */
  readonly bodyOnGet: boolean;
}

/** Sockets and bodies of a transport at one moment. */
export interface TransportStats {
  /** Open connections. */
  readonly sockets: number;
  /** Requests that wait for an answer. */
  readonly pending: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  /** Responses whose body nobody has read to its end, so that they hold a connection. */
  readonly unreadBodies: number;
}

/** Sends one request, returns one response: no redirects, retries, cookies or status errors (requests: an adapter). */
export interface Transport {
  /** For messages and `session.explain()`. */
  readonly name: string;
  /** What it honours and what it does by itself. */
  readonly capabilities: TransportCapabilities;
  /**
   * Sends the request and answers when the head of the response is here. Obeys `request.options.timeout` and ends when `request.scope` is
   * cancelled.
   * @throws {SessionError} of the class that tells what happened, with `requestSent` where a connection failed
   */
  send(request: PreparedRequest): Promise<SessionResponse>;
  /** Ends what is under way and frees every connection. Later requests are refused. */
  close(): Promise<void>;
  /** Checks connection options when they are given. @throws {TypeError | UnsupportedOptionError} naming what it cannot honour */
  check?(options: TransportOptions): void;
  /** What `session.stats()` adds up. */
  stats?(): TransportStats;
  /** What the environment adds to a request, for `session.explain()`; without secrets. */
  explain?(
    request: PreparedRequest,
  ): Record<string, { readonly value: unknown; readonly source: 'environment' }>;
}
