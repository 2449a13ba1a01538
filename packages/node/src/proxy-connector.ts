import { ConnectError } from './connect-error.ts';
import { connectTunnel, type RefusedTunnel } from './connect-tunnel.ts';
import {
  ConnectAttempt,
  type ConnectCallback,
  type Connector,
  type ConnectorOptions,
  type ConnectTarget,
  createConnector,
} from './connector.ts';
import { mostChallenges, type ProxyAuthenticator } from './proxy-authenticator.ts';
import { authority, type ProxyEndpoint } from './proxy-endpoint.ts';
import { socksTunnel } from './socks-tunnel.ts';

/**
 * Connects to the proxy itself, for requests it forwards. TLS to an https proxy has the trust of the origin's settings, without its client
 * certificate, pins and server name.
 */
export function createProxyHopConnector(proxy: ProxyEndpoint, options: ConnectorOptions): Connector {
  const connect = createConnector({ ...options, tls: options.tls?.forProxy(), http2: false });
  const isSecure = proxy.scheme === 'https';
  const target: ConnectTarget = {
    hostname: proxy.host,
    host: authority(proxy.host, proxy.port),
    protocol: isSecure ? 'https:' : 'http:',
    port: String(proxy.port),
  };
  return (_target, callback) =>
    connect(target, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(hopError(error, isSecure), null);
    });
}

/**
 * Connects to origins through a proxy: by CONNECT for http and https proxies, by SOCKS for the others, then
 * TLS for https origins. No step is tried more often than a challenge asks.
 */
export function createTunnelConnector(
  proxy: ProxyEndpoint,
  authenticator: ProxyAuthenticator | undefined,
  options: ConnectorOptions,
): Connector {
  const connectToProxy = createProxyHopConnector(proxy, options);
  const connectToOrigin = createConnector(options);
  const isSocks = proxy.scheme.startsWith('socks');

  return (target, callback) => {
    const attempt = new ConnectAttempt(callback);
    const secure = target.protocol === 'https:';
    const port = Number(target.port) || (secure ? 443 : 80);

    const open = (challenges: number): void =>
      attempt.own(
        connectToProxy(target, (error, socket) => {
          if (error !== null) return attempt.fail(error);
          if (attempt.settled) return void socket.destroy();
          attempt.own(socket);
          if (isSocks) {
            const request = {
              proxy,
              host: target.hostname,
              port,
              lookup: options.lookup,
            };
            return socksTunnel(socket, request, (failure) =>
              failure === null ? begin(socket) : attempt.fail(failure),
            );
          }
          const origin = authority(target.hostname, port);
          const proof = authenticator?.authorization('CONNECT', origin);
          connectTunnel(socket, origin, proof, (failure, refused) => {
            if (failure !== null) return attempt.fail(failure);
            if (refused === undefined) return begin(socket);
            if (challenges > 0 && proof !== undefined && mayAnswer(refused, authenticator, proof)) {
              return open(challenges - 1);
            }
            attempt.fail(refusalError(refused));
          });
        }),
      );

    const begin = (socket: NonNullable<ConnectTarget['httpSocket']>): void => {
      if (attempt.settled) return void socket.destroy();
      if (secure) attempt.own(connectToOrigin({ ...target, httpSocket: socket }, end));
      else {
        // On Deno (2.9) a paused socket stays silent for those who listen later. Nothing is lost: it flows a tick later, when undici listens.
        socket.resume();
        end(null, socket);
      }
    };

    const end: ConnectCallback = (error, socket) => {
      if (error !== null) return attempt.fail(error);
      attempt.succeed(socket);
    };

    open(mostChallenges);
    return attempt;
  };
}

function mayAnswer(
  { response }: RefusedTunnel,
  authenticator: ProxyAuthenticator | undefined,
  proof: string,
): boolean {
  if (response.statusCode !== 407 || authenticator === undefined) return false;
  return authenticator.accept(response.headers.get('proxy-authenticate') ?? [], proof);
}

function refusalError({ response, body }: RefusedTunnel): ConnectError {
  const { statusCode, statusText } = response;
  return new ConnectError('ERR_PROXY_CONNECT', `the proxy refused the tunnel with status ${statusCode}`, {
    statusCode,
    statusText,
    body,
  });
}

function hopError(cause: Error, isSecure: boolean): ConnectError {
  const code: unknown = Reflect.get(cause, 'code');
  // What the system says about sockets and names is ECONNREFUSED, ENOTFOUND, EAI_AGAIN, ...; all else is TLS.
  const isSystem = !isSecure || (typeof code === 'string' && /^E(?!RR_|PROTO)/.test(code));
  return isSystem
    ? new ConnectError('ERR_PROXY_UNREACHABLE', 'no connection to the proxy', { cause })
    : new ConnectError('ERR_PROXY_TLS', 'TLS to the proxy failed', { cause });
}
