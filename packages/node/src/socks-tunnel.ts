import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { SocksClient, SocksClientOptions } from 'socks';
import { adaptLookup } from './adapt-lookup.ts';
import { ConnectError } from './connect-error.ts';
import type { ProxyEndpoint } from './proxy-endpoint.ts';

/** What a SOCKS tunnel is asked for. */
export interface SocksTunnelRequest {
  readonly proxy: ProxyEndpoint;
  readonly host: string;
  readonly port: number;
  /** Resolves the host for `socks4` and `socks5`; `socks4a` and `socks5h` leave it to the proxy. */
  readonly lookup: LookupFunction | undefined;
}

/**
 * Asks a SOCKS proxy (4, 4a, RFC 1928, RFC 1929) for a tunnel over a connected socket.
 *
 * @param settle - called once: with nothing for an open tunnel, or with the error
 */
export function socksTunnel(
  socket: Socket,
  request: SocksTunnelRequest,
  settle: (error: Error | null) => void,
): void {
  destinationHost(request, (error, host) => {
    if (error !== null) return settle(error);
    // Only who goes through SOCKS pays for its import: 17 ms on a loaded machine.
    import('socks').then(
      (socks) => {
        if (socket.destroyed) return settle(refusal(new Error('the proxy hung up')));
        try {
          handshake(new socks.SocksClient(clientOptions(request, host)), socket, settle);
        } catch (cause) {
          // The library throws for credentials and names that its protocol has no room for.
          settle(refusal(cause));
        }
      },
      (cause: unknown) => settle(refusal(cause)),
    );
  });
}

// The library needs a number, and its timer runs to the end even when the connection stands: not too long a one. The request has its own limit.
const longestTimeout = 300_000;

function clientOptions({ proxy, port }: SocksTunnelRequest, host: string): SocksClientOptions {
  const { credentials } = proxy;
  checkLengths(credentials, host);
  return {
    command: 'connect',
    destination: { host, port },
    proxy: {
      host: proxy.host,
      port: proxy.port,
      type: proxy.scheme.startsWith('socks4') ? 4 : 5,
      ...(credentials !== null && { userId: credentials.user, password: credentials.password }),
    },
    timeout: longestTimeout,
  };
}

function handshake(client: SocksClient, socket: Socket, settle: (error: Error | null) => void): void {
  client.once('established', () => {
    let early = 0;
    const onData = (chunk: Buffer): void => {
      early += chunk.length;
    };
    socket.on('data', onData);
    // A tick later the library hands back what it read beyond the reply, and resumes the socket.
    setImmediate(() => {
      socket.off('data', onData).pause();
      release(client);
      if (early > 0) {
        const message = `${early} bytes came through the tunnel before anything was sent`;
        settle(new ConnectError('ERR_PROXY_EARLY_DATA', message));
      } else settle(socket.destroyed ? refusal(new Error('Socket closed')) : null);
    });
  });
  client.once('error', (cause) => {
    setImmediate(release, client);
    settle(refusal(cause));
  });
  client.connect(socket);
}

/** The library's timer runs to its end, and must not keep socket and buffer alive until then. */
function release(client: SocksClient): void {
  for (const name of ['socket', 'receiveBuffer', 'options']) Reflect.deleteProperty(client, name);
}

// Each is preceded by its length in one byte; the library would let a longer one overflow into the next field.
function checkLengths(credentials: ProxyEndpoint['credentials'], host: string): void {
  const texts = [host, credentials?.user ?? '', credentials?.password ?? ''];
  if (texts.some((text) => Buffer.byteLength(text) > 255))
    throw new RangeError('a name or a credential is too long');
  if (texts.some((text) => text.includes('\0'))) throw new RangeError('a name or a credential has a NUL');
}

const refusal = (cause: unknown): ConnectError => {
  // The library hangs its options, password included, on its errors: only the message goes on.
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isFinal = cause instanceof RangeError || DENIALS.test(reason);
  return new ConnectError(
    isFinal ? 'ERR_PROXY_DENIED' : 'ERR_PROXY_SOCKS',
    `the SOCKS proxy failed: ${reason}`,
  );
};

// What the library says when credentials or rules are in the way (RFC 1928 3, 6; RFC 1929).
const DENIALS = /authentication failed|accepted authentication type|NotAllowed/i;

function destinationHost(
  { proxy, host, lookup = systemLookup }: SocksTunnelRequest,
  callback: (error: Error | null, host: string) => void,
): void {
  const remote = proxy.scheme === 'socks5h' || proxy.scheme === 'socks4a';
  // SOCKS 4 has room for an IPv4 address only.
  const family = proxy.scheme === 'socks4' ? 4 : 0;
  if (family === 4 && isIP(host) === 6) {
    callback(refusal(new RangeError('SOCKS 4 cannot reach an IPv6 address')), '');
  } else if (remote || isIP(host) !== 0) {
    callback(null, host);
  } else {
    const find = lookup === systemLookup ? lookup : adaptLookup(lookup);
    find(host, { family, all: true }, (error, addresses) => {
      const address = typeof addresses === 'string' ? addresses : addresses?.[0]?.address;
      callback(error, address ?? '');
    });
  }
}
