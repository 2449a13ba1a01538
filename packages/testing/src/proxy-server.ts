import type { Relay } from './exchange.ts';
import { forwardRequest } from './forward-request.ts';
import { openTunnel, type RecordedTunnel } from './open-tunnel.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { listen, ScenarioServer } from './scenario-server.ts';
import type { Script } from './script.ts';
import type { ProxyServerOptions } from './server-options.ts';

export type { RecordedTunnel } from './open-tunnel.ts';

/**
 * A forward and CONNECT proxy that sends each host name where its map says, so that tests need no DNS. Everything of a
 * scenario server works on it too: `route('CONNECT *', respond(502))` scripts a fault, `route('CONNECT some.test:443',
 * ...)` one for a single authority. Node only.
 */
export class ProxyServer extends ScenarioServer {
  readonly #map = new Map<string, string>();
  readonly #tunnels: RecordedTunnel[] = [];

  /** Starts a proxy on a free port of the loopback interface. */
  static override async start(options: ProxyServerOptions = {}): Promise<ProxyServer> {
    const { server, tls } = await listen(options, ['auth']);
    const proxy = new ProxyServer(server, tls, options);
    proxy.#auth = options.auth;
    return proxy;
  }
  #auth: ProxyServerOptions['auth'];

  /**
   * Sends `host:port`, or `host` on each port, to a server of this machine. Names without an entry get 502; 127.0.0.1,
   * [::1] and localhost are reached as they are.
   */
  map(authority: string, origin: string): this {
    if (!/^(?:\[[\da-f:.]+\]|[^\s/:@]+)(?::\d+)?$/i.test(authority)) {
      throw new TypeError(`authority must be 'host' or 'host:port', got ${JSON.stringify(authority)}`);
    }
    if (!URL.canParse(origin)) throw new TypeError(`origin must be a URL, got ${JSON.stringify(origin)}`);
    this.#map.set(authority.toLowerCase(), hostAndPort(new URL(origin)));
    return this;
  }

  /** The CONNECT requests, oldest first. */
  get connects(): RecordedRequest[] {
    return this.requests.filter(({ method }) => method === 'CONNECT');
  }

  /** The tunnels that were opened, oldest first. */
  get tunnels(): readonly RecordedTunnel[] {
    return this.#tunnels;
  }

  /** Forgets records, routes and connection scripts; the map stays. */
  override reset(): void {
    super.reset();
    this.#tunnels.length = 0;
  }

  protected override initialScript(): Script {
    return async (exchange) => {
      if (!this.#allows(exchange.request)) {
        return exchange.respond({ status: 407, headers: { 'proxy-authenticate': 'Basic realm="proxy"' } });
      }
      await exchange.run(exchange.request.method === 'CONNECT' ? { tunnel: {} } : { forward: true });
    };
  }

  protected override relay(): Relay {
    const find = (authority: string): string | undefined => this.#find(authority);
    return {
      forward: (exchange) => forwardRequest(exchange, find),
      tunnel: (exchange, options) => openTunnel(exchange, options, find, this.#tunnels),
    };
  }

  #allows(request: RecordedRequest): boolean {
    if (this.#auth === undefined) return true;
    const { username, password } = this.#auth;
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    return request.header('proxy-authorization') === expected;
  }

  #find(authority: string): string | undefined {
    const name = authority.toLowerCase();
    const host = name.replace(/:\d+$/, '');
    const mapped = this.#map.get(name) ?? this.#map.get(host);
    if (mapped !== undefined) return mapped;
    return ['127.0.0.1', '[::1]', 'localhost'].includes(host) ? name : undefined;
  }
}

function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
