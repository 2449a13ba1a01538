import type { LookupFunction, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { adaptLookup } from './adapt-lookup.ts';
import { ConnectError } from './connect-error.ts';
import { holdsPinnedKey } from './spki-pin.ts';
import type { ResolvedTls } from './tls-options.ts';
import { buildConnector, type ConnectCallback, type ConnectTarget } from './undici-client.ts';

export type { ConnectCallback, ConnectTarget };

/**
 * Opens the connections of an undici `Agent`, `Pool` or `Client`: give it as their `connect`. Destroying what
 * it returns gives the connection up without calling back.
 */
export type Connector = (target: ConnectTarget, callback: ConnectCallback) => Destroyable;

/** What can be given up. */
export interface Destroyable {
  destroy(): unknown;
}

/** When the parts of connecting ended, as `performance.now()` readings in milliseconds. */
export interface ConnectTimings {
  readonly start: number;
  /** After the name lookup; absent for an address or a unix socket. */
  lookup?: number;
  /** After TCP. */
  connect?: number;
  /** After TLS; absent for plain connections. */
  secure?: number;
}

/** How connections are made. */
export interface ConnectorOptions {
  /** TLS settings from `resolveTls`; the platform's own defaults without. */
  readonly tls?: ResolvedTls | undefined;
  /** Resolves host names in place of `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
  /** Local address to connect from. */
  readonly localAddress?: string | undefined;
  /** Path of the unix socket (or Windows pipe) to connect to, whatever the URL's host. */
  readonly unixSocket?: string | undefined;
  /** 4 or 6 limits connections to that IP version. */
  readonly family?: 4 | 6 | undefined;
  /**
   * Limit for lookup, TCP and TLS together, in milliseconds; `null` or `Infinity` for none.
   * @defaultValue 10_000
   */
  readonly connectTimeout?: number | null | undefined;
  /**
   * Tries IPv6 and IPv4 addresses side by side (RFC 8305, happy eyeballs).
   * @defaultValue true
   */
  readonly autoSelectFamily?: boolean | undefined;
  /** How long one address may take before the next is tried too, in milliseconds. */
  readonly autoSelectFamilyAttemptTimeout?: number | undefined;
  /** Offers HTTP/2 by ALPN. */
  readonly http2?: boolean | undefined;
  /** Aborts every connection still being made when the pool closes. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each new connection before its first request. */
  readonly onSocket?: ((socket: Socket, timings: ConnectTimings) => void) | undefined;
}

// What undici and Node would else take from a polluted Object.prototype: another socket, another address.
const shielded: object = Object.freeze({
  socketPath: undefined,
  session: undefined,
  useH2c: undefined,
  signal: undefined,
  lookup: undefined,
  family: undefined,
  localPort: undefined,
});

/** Default limit for making a connection, in milliseconds. */
export const DEFAULT_CONNECT_TIMEOUT = 10_000;

/**
 * undici's connector with a connect timeout that is exact and destroys the half-open socket at once, pinned
 * keys, and news of every new connection.
 */
export function createConnector(given: ConnectorOptions = {}): Connector {
  const options: ConnectorOptions = Object.assign(Object.create(null), given);
  const { tls, onSocket, signal } = options;
  const connect = buildConnector({
    ...shielded,
    ...tls?.connectOptions(),
    ...(options.lookup && { lookup: adaptLookup(options.lookup) }),
    ...(options.family && { family: options.family }),
    ...(options.unixSocket !== undefined && { socketPath: options.unixSocket }),
    ...(options.autoSelectFamilyAttemptTimeout !== undefined && {
      autoSelectFamilyAttemptTimeout: options.autoSelectFamilyAttemptTimeout,
    }),
    // An explicit true: process-wide defaults and older runtimes differ.
    autoSelectFamily: options.autoSelectFamily ?? true,
    allowH2: options.http2 ?? false,
    // Node shows no certificate on a resumed session, so a pin could not be judged.
    ...(tls !== undefined && tls.pins.length > 0 && { maxCachedSessions: 0 }),
    // undici's own timer has a grain of a second and does not run while Deno or Bun resolve names.
    timeout: 0,
  });
  const limit = options.connectTimeout === undefined ? DEFAULT_CONNECT_TIMEOUT : options.connectTimeout;

  return (target, callback) => {
    const attempt = new ConnectAttempt(callback, limit, signal);
    const timings: ConnectTimings = { start: performance.now() };
    const opened: unknown = connect(
      {
        ...target,
        ...(options.localAddress !== undefined && { localAddress: options.localAddress }),
        // undici takes the server name from the Host header. A Host header is data, not proof of identity:
        // the name to verify is that of the URL, or tls.serverName.
        servername: '',
      },
      (error, socket) => {
        if (error !== null) return attempt.fail(error);
        if (attempt.settled) return;
        if (target.protocol === 'https:') timings.secure = performance.now();
        else timings.connect = performance.now();
        if (target.protocol === 'https:' && tls !== undefined && tls.pins.length > 0) {
          // What is no TLSSocket cannot show its key: it does not hold a pinned one.
          if (!(socket instanceof TLSSocket) || !holdsPinnedKey(socket, tls.pins)) {
            return attempt.fail(new ConnectError('ERR_TLS_PIN', 'the server key is none of the pinned keys'));
          }
        }
        onSocket?.(socket, timings);
        attempt.succeed(socket);
      },
    );
    // buildConnector returns the socket it is connecting; its types do not say so.
    if (!isSocket(opened)) return attempt;
    attempt.own(opened);
    if (onSocket !== undefined) {
      opened.once('lookup', () => {
        timings.lookup = performance.now();
      });
      opened.once('connect', () => {
        timings.connect = performance.now();
      });
    }
    return attempt;
  };
}

/**
 * One connection being made, in however many steps: calls back at most once, and leaves no socket and no timer
 * behind when it fails, runs out of time, is aborted or given up.
 */
export class ConnectAttempt implements Destroyable {
  #callback: ConnectCallback | undefined;
  #steps: Destroyable[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;

  /** @param limit - milliseconds, `null` or `Infinity` for none */
  constructor(callback: ConnectCallback, limit: number | null, signal?: AbortSignal) {
    this.#callback = callback;
    this.#signal = signal;
    if (limit !== null && limit !== Number.POSITIVE_INFINITY) {
      const message = `no connection within ${limit} ms`;
      this.#timer = setTimeout(
        () => this.fail(new ConnectError('ERR_CONNECT_TIMEOUT', message, { limit })),
        Math.min(limit, LONGEST_TIMER),
      );
    }
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted) queueMicrotask(this.#onAbort);
  }

  /** Whether it has succeeded, failed or been given up. */
  get settled(): boolean {
    return this.#callback === undefined;
  }

  /** Names a socket or step to destroy unless the attempt succeeds. */
  own(step: Destroyable): void {
    if (this.settled) step.destroy();
    else this.#steps.push(step);
  }

  succeed(socket: Socket): void {
    this.#settle()?.(null, socket);
  }

  fail(error: Error): void {
    const steps = this.#steps;
    const callback = this.#settle();
    for (const step of steps.reverse()) step.destroy();
    callback?.(error, null);
  }

  /** Gives up without calling back. */
  destroy(): void {
    const steps = this.#steps;
    this.#settle();
    for (const step of steps.reverse()) step.destroy();
  }

  #settle(): ConnectCallback | undefined {
    const callback = this.#callback;
    this.#callback = undefined;
    this.#steps = [];
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    return callback;
  }

  readonly #onAbort = (): void =>
    this.fail(new ConnectError('ERR_CONNECT_ABORTED', 'the pool was closed while connecting'));
}

// setTimeout fires at once above this. No connection takes 25 days: cutting the limit down is exact enough.
const LONGEST_TIMER = 2 ** 31 - 1;

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'destroy' in value && 'once' in value;
