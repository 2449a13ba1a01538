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
  /** Offers HTTP/2 by ALPN. */
  readonly http2?: boolean | undefined;
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

/**
 * undici's connector with pinned keys, and names to verify that no header can change. It has no timer: each request has its own limit, and
 * whoever has nobody left to connect for destroys the attempt.
 */
export function createConnector(given: ConnectorOptions = {}): Connector {
  const options: ConnectorOptions = Object.assign(Object.create(null), given);
  const { tls } = options;
  const connect = buildConnector({
    ...shielded,
    ...tls?.connectOptions(),
    ...(options.lookup && { lookup: adaptLookup(options.lookup) }),
    ...(options.unixSocket !== undefined && { socketPath: options.unixSocket }),
    // Addresses side by side (RFC 8305). An explicit true: process-wide defaults and older runtimes differ.
    autoSelectFamily: true,
    allowH2: options.http2 ?? false,
    // Node shows no certificate on a resumed session, so a pin could not be judged.
    ...(tls !== undefined && tls.pins.length > 0 && { maxCachedSessions: 0 }),
    // undici's own timer has a grain of a second and does not run while Deno or Bun resolve names.
    timeout: 0,
  });

  return (target, callback) => {
    const attempt = new ConnectAttempt(callback);
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
        if (target.protocol === 'https:' && tls !== undefined && tls.pins.length > 0) {
          // What is no TLSSocket cannot show its key: it does not hold a pinned one.
          if (!(socket instanceof TLSSocket) || !holdsPinnedKey(socket, tls.pins)) {
            return attempt.fail(new ConnectError('ERR_TLS_PIN', 'the server key is none of the pinned keys'));
          }
        }
        attempt.succeed(socket);
      },
    );
    // buildConnector returns the socket it is connecting; its types do not say so.
    if (!isSocket(opened)) return attempt;
    attempt.own(opened);
    return attempt;
  };
}

/** One connection being made, in however many steps: calls back at most once, and leaves no socket behind when it fails or is given up. */
export class ConnectAttempt implements Destroyable {
  #callback: ConnectCallback | undefined;
  #steps: Destroyable[] = [];

  constructor(callback: ConnectCallback) {
    this.#callback = callback;
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
    const callback = this.#callback;
    this.#callback = undefined;
    this.#steps = [];
    callback?.(null, socket);
  }

  fail(error: Error): void {
    const callback = this.#callback;
    this.destroy();
    callback?.(error, null);
  }

  /** Gives up without calling back. */
  destroy(): void {
    const steps = this.#steps;
    this.#callback = undefined;
    this.#steps = [];
    for (const step of steps.reverse()) step.destroy();
  }
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'destroy' in value && 'once' in value;
