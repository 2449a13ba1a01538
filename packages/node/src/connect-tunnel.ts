import type { Socket } from 'node:net';
import { ConnectError } from './connect-error.ts';
import { type ConnectResponse, readConnectResponse } from './connect-response.ts';

/** A tunnel that the proxy refused, with all it said. */
export interface RefusedTunnel {
  readonly response: ConnectResponse;
  /** The start of its body, at most 1 KiB. */
  readonly body: string;
}

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110 9.3.6) over a connected socket.
 *
 * Sends nothing but Host and Proxy-Authorization: the request's own headers are for the origin alone
 * (CVE-2015-3153). Has no timer: whoever owns the socket destroys it when time is up.
 *
 * @param target - `host:port` of the origin
 * @param settle - called once: with nothing for an open tunnel, with the refusal, or with an error. Only an
 *   open tunnel leaves the socket usable.
 */
export function connectTunnel(
  socket: Socket,
  target: string,
  authorization: string | undefined,
  settle: (error: ConnectError | null, refused?: RefusedTunnel) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  let refused: ConnectResponse | undefined;
  let grace: NodeJS.Timeout | undefined;
  let finished = false;

  const finish = (error: ConnectError | null, refusal?: RefusedTunnel): void => {
    finished = true;
    clearTimeout(grace);
    socket.off('data', onData).off('end', onEnd).off('error', onEnd).off('close', onEnd);
    // What comes next belongs to TLS: nothing may be read and dropped in between.
    if (error === null && refusal === undefined) socket.pause();
    else socket.destroy();
    settle(error, refusal);
  };
  const finishRefused = (response: ConnectResponse): void =>
    finish(null, { response, body: bytes.toString('latin1', response.end, response.end + MAX_REFUSAL_BODY) });

  const readHead = (): void => {
    try {
      refused = readConnectResponse(bytes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `the proxy's answer to CONNECT cannot be read: ${reason}`;
      finish(new ConnectError('ERR_PROXY_RESPONSE', message, { cause }));
      return;
    }
    if (refused !== undefined && refused.statusCode < 300) finish(earlyData(bytes.length - refused.end));
  };
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    if (refused === undefined) readHead();
    const response = refused;
    if (finished || response === undefined) return;
    if (bytes.length - response.end >= wantedBody(response)) finishRefused(response);
    // The body is only there to explain: it may be slow or endless, the answer is known already.
    else grace ??= setTimeout(() => finishRefused(response), REFUSAL_GRACE);
  };
  const onEnd = (cause?: unknown): void => {
    const message = 'the connection to the proxy ended before it answered CONNECT';
    if (refused !== undefined) finishRefused(refused);
    else finish(new ConnectError('ERR_PROXY_UNREACHABLE', message, cause instanceof Error ? { cause } : {}));
  };

  socket.on('data', onData).on('end', onEnd).on('error', onEnd).on('close', onEnd);
  const proof = authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${proof}\r\n`);
}

const MAX_REFUSAL_BODY = 1024;

// Long enough for a body sent right behind its head.
const REFUSAL_GRACE = 100;

/** How much of a refusal's body is worth waiting for. */
function wantedBody(response: ConnectResponse): number {
  const [length = ''] = response.headers.get('content-length') ?? [];
  return /^\d{1,9}$/.test(length) ? Math.min(Number(length), MAX_REFUSAL_BODY) : MAX_REFUSAL_BODY;
}

/** TLS clients speak first: whoever sends bytes before has injected them, and they would be read as the origin's. */
function earlyData(length: number): ConnectError | null {
  if (length === 0) return null;
  return new ConnectError('ERR_PROXY_EARLY_DATA', `${length} bytes came through the tunnel before TLS began`);
}
