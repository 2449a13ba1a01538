import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Exchange } from './exchange.ts';
import { gather, type RecordedRequest } from './recorded-request.ts';
import type { TunnelSpec } from './steps.ts';

/** A CONNECT that was answered, and what went through it. */
export interface RecordedTunnel {
  readonly request: RecordedRequest;
  /** What the client asked for, `host:port`. */
  readonly authority: string;
  /** Where the proxy connected, `host:port`. */
  readonly to: string;
  /** The bytes from the client, encrypted when it spoke TLS. */
  readonly sent: Buffer;
  /** The bytes from the other side. */
  readonly received: Buffer;
  readonly open: boolean;
}

class TunnelRecord implements RecordedTunnel {
  readonly request: RecordedRequest;
  readonly to: string;
  readonly fromClient: Buffer[] = [];
  readonly fromTarget: Buffer[] = [];
  open = true;

  constructor(request: RecordedRequest, to: string) {
    this.request = request;
    this.to = to;
  }

  get authority(): string {
    return this.request.target;
  }

  get sent(): Buffer {
    return gather(this.fromClient);
  }

  get received(): Buffer {
    return gather(this.fromTarget);
  }
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** Answers a CONNECT and passes bytes both ways until both sides are done. FIN and RST pass through too. */
export async function openTunnel(
  exchange: Exchange,
  options: TunnelSpec,
  find: (authority: string) => string | undefined,
  tunnels: RecordedTunnel[],
): Promise<void> {
  const to = options.to ?? find(exchange.request.target);
  const target = to === undefined ? undefined : await connectTo(to);
  if (to === undefined || target === undefined) {
    return exchange.respond({ status: 502, body: `nowhere to go for ${exchange.request.target}` });
  }
  const tunnel = new TunnelRecord(exchange.request, to);
  tunnels.push(tunnel);
  const closed = new Promise((resolve) => target.once('close', resolve));
  exchange.signal.addEventListener('abort', () => target.destroy(), { once: true });
  target.on('data', (bytes) => {
    tunnel.fromTarget.push(bytes);
    target.pause();
    exchange.write(bytes).then(
      () => target.resume(),
      () => target.destroy(),
    );
  });
  target.pause();
  target.on('end', () => exchange.halfClose());
  target.on('error', () => exchange.reset());
  exchange.takeOver((bytes) => {
    tunnel.fromClient.push(bytes);
    if (!target.write(bytes)) {
      exchange.stream.pause();
      target.once('drain', () => exchange.stream.resume());
    }
  });
  exchange.stream.once('end', () => target.end());
  await exchange.write(options.reply ?? ESTABLISHED);
  target.resume();
  await closed;
  tunnel.open = false;
  exchange.wire.destroy();
}

async function connectTo(hostAndPort: string): Promise<Socket | undefined> {
  const colon = hostAndPort.lastIndexOf(':');
  const host = hostAndPort.slice(0, colon).replace(/^\[|\]$/g, '');
  const socket = connect({
    host: host === 'localhost' ? '127.0.0.1' : host,
    port: Number(hostAndPort.slice(colon + 1)),
    allowHalfOpen: true,
    noDelay: true,
  });
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    // Refused: the proxy answers 502.
    return undefined;
  }
}
