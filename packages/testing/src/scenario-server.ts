import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { testAuthority } from './certificates.ts';
import type { Relay } from './exchange.ts';
import { ConnectionRecord, type RecordedConnection } from './recorded-connection.ts';
import type { RecordedRequest, RequestRecord } from './recorded-request.ts';
import { Routes, Turns } from './routes.ts';
import { type ConnectionHost, ScenarioConnection } from './scenario-connection.ts';
import type { ConnectScript, Script } from './script.ts';
import type { CertificatePair, ScenarioServerOptions } from './server-options.ts';
import { TlsListener } from './tls-listener.ts';
import { Waiters, type WaitOptions } from './waiters.ts';

/** A scripted HTTP/1.1 server over plain sockets or TLS that records every byte it receives. Node only. */
export class ScenarioServer implements AsyncDisposable {
  /** `http://127.0.0.1:PORT`, `http://[::1]:PORT` or `https://localhost:PORT`. */
  readonly origin: string;
  readonly port: number;
  /** The certificate authority to trust, PEM; empty on a server without TLS. */
  readonly ca: string;
  readonly #server: Server;
  readonly #tls: TlsListener | undefined;
  readonly #cors: boolean;
  readonly #live = new Set<ScenarioConnection>();
  readonly #waiters = new Waiters();
  readonly #errors: unknown[] = [];
  #routes: Routes;
  #connects: Turns<ConnectScript> = servedAsUsual();
  #requests: RequestRecord[] = [];
  #connections: ConnectionRecord[] = [];
  #ids = 0;
  #closing: Promise<void> | undefined;

  /** Use {@link ScenarioServer.start}. */
  protected constructor(server: Server, tls: TlsListener | undefined, options: ScenarioServerOptions) {
    const { port } = server.address() as AddressInfo;
    const host = tls !== undefined ? 'localhost' : options.host === '::1' ? '[::1]' : '127.0.0.1';
    this.port = port;
    this.origin = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
    this.ca = tls?.ca ?? '';
    this.#server = server;
    this.#tls = tls;
    this.#cors = options.cors ?? false;
    this.#routes = new Routes(this.initialScript());
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  /** Starts a server on a free port of the loopback interface. */
  static async start(options: ScenarioServerOptions = {}): Promise<ScenarioServer> {
    const { server, tls } = await listen(options);
    return new ScenarioServer(server, tls, options);
  }

  /** The absolute URL of a path on this server. */
  url(path = '/'): string {
    return `${this.origin}${path}`;
  }

  /**
   * Scripts a path: `/path` for every method, `GET /path` for one, `*` for each path without a route of its own. The
   * query counts for neither side. A list gives one script to each successive request, the last to all after it.
   */
  route(path: string, script: Script | readonly Script[]): this {
    this.#routes.set(path, script);
    return this;
  }

  /** Scripts what no route covers. @defaultValue 404 with an empty body */
  otherwise(script: Script | readonly Script[]): this {
    this.#routes.setFallback(script);
    return this;
  }

  /**
   * Scripts connections: before TLS, or after the handshake when the script starts with `at('tls')`. A list gives one
   * script to each successive connection, the last to all after it; `proceed()` serves as usual.
   */
  onConnect(script: ConnectScript | readonly ConnectScript[]): this {
    this.#connects = new Turns(script, 'onConnect', 'connect');
    return this;
  }

  /** The requests whose headers have arrived, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** The requests for a path, without its query. */
  requestsTo(path: string): RecordedRequest[] {
    return this.#requests.filter((request) => request.path === path);
  }

  /** The newest request. */
  get last(): RecordedRequest | undefined {
    return this.#requests.at(-1);
  }

  /** The accepted connections, oldest first. */
  get connections(): readonly RecordedConnection[] {
    return this.#connections;
  }

  /** How many connections are open now. */
  get openConnections(): number {
    return this.#live.size;
  }

  /** Failures of scripts so far; `close()` throws them. */
  get scriptErrors(): readonly unknown[] {
    return this.#errors;
  }

  /**
   * Waits until so many requests have come (their headers, that is), or until the predicate holds. It looks whenever
   * something arrives or a connection opens, changes or ends.
   *
   * @throws {Error} after `timeout` milliseconds (default 5000), or when the server closes first
   */
  waitFor(condition: number | ((server: this) => boolean), options: WaitOptions = {}): Promise<void> {
    const fact =
      typeof condition === 'number' ? () => this.#requests.length >= condition : () => condition(this);
    return this.#waiters.wait(fact, options, () =>
      this.#summary(typeof condition === 'number' ? condition : undefined),
    );
  }

  /** A certificate and key for a client, signed by {@link ScenarioServer.ca}. */
  async issueClientCertificate(commonName = 'client'): Promise<CertificatePair> {
    return (await testAuthority()).clientCertificate(commonName);
  }

  /** Forgets records, routes and connection scripts. Open connections stay, listed with the id they have. */
  reset(): void {
    this.#routes = new Routes(this.initialScript());
    this.#connects = servedAsUsual();
    this.#requests = [];
    this.#connections = this.#connections.filter((connection) => connection.open);
    for (const connection of this.#connections) connection.forgetBytes();
    this.#waiters.check();
  }

  /**
   * Destroys each connection and stops.
   *
   * @throws {AggregateError} when scripts failed
   */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What answers requests without a route, at the start and after `reset()`. */
  protected initialScript(): Script {
    return NOT_FOUND;
  }

  /** How `forward` and `tunnel` are done, for a proxy. */
  protected relay(): Relay | undefined {
    return undefined;
  }

  async #shutDown(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#live) connection.wire.destroy();
    await closed;
    // Scripts that the destroyed connections interrupted get a turn to fail.
    await new Promise((resolve) => setImmediate(resolve));
    this.#waiters.close();
    if (this.#errors.length > 0) {
      const messages = this.#errors.map((error) => (error instanceof Error ? error.message : String(error)));
      throw new AggregateError(this.#errors, `scripts failed: ${messages.join('; ')}`);
    }
  }

  #accept(socket: Socket): void {
    this.#ids += 1;
    const record = new ConnectionRecord(this.#ids);
    const connection = new ScenarioConnection(socket, record, this.#host());
    this.#connections.push(record);
    this.#live.add(connection);
    socket.once('close', () => {
      this.#live.delete(connection);
      this.#waiters.check();
    });
    this.#waiters.check();
    connection.serve(this.#connects.next()).catch((error: unknown) => this.#errors.push(error));
  }

  #host(): ConnectionHost {
    const tls = this.#tls;
    return {
      cors: this.#cors,
      relay: this.relay(),
      secure:
        tls === undefined ? undefined : (socket, record, mayRead) => tls.secure(socket, record, mayRead),
      scriptFor: (request) => this.#routes.scriptFor(request),
      recorded: (request) => {
        this.#requests.push(request);
      },
      changed: () => this.#waiters.check(),
      failed: (error) => {
        this.#errors.push(error);
      },
    };
  }

  #summary(wanted: number | undefined): string {
    const seen = this.#requests.map(({ method, target }) => `${method} ${target}`).join(', ');
    return `${wanted === undefined ? 'a condition' : `${wanted} requests`}; seen: ${seen || 'none'}; ${this.openConnections} of ${this.#connections.length} connections open`;
  }
}

const NOT_FOUND: Script = { respond: { status: 404 } };

function servedAsUsual(): Turns<ConnectScript> {
  return new Turns<ConnectScript>({ proceed: true }, 'onConnect', 'connect');
}

/** Opens the socket of a server, so that a subclass can build on it. */
export async function listen(
  options: ScenarioServerOptions,
  more: readonly string[] = [],
): Promise<{ readonly server: Server; readonly tls: TlsListener | undefined }> {
  const known = ['tls', 'host', 'port', 'cors', ...more];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`options must be ${known.join(', ')}, got ${unknown}`);
  const tls = await TlsListener.create(options.tls ?? false);
  // Nothing is read before the connection script has had its turn, and a client's FIN does not end our side.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return { server, tls };
}
