import { checkScript, type ScriptScope } from './check-script.ts';
import {
  type PortableRecords,
  portable,
  type RemoteCondition,
  type StartedServer,
} from './control-protocol.ts';
import { RemoteConnection, RemoteRequest } from './remote-records.ts';
import type { CertificatePair, ProxyServerOptions, ScenarioServerOptions } from './server-options.ts';
import type { Step } from './steps.ts';

/**
 * A scenario server in another process, behind a control server: the methods of `ScenarioServer`, each a promise. It
 * needs nothing but `fetch`, so that tests in browsers, Deno, Bun and workers can use it.
 */
export class RemoteScenarioServer implements AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** The certificate authority of the test servers, PEM. */
  readonly ca: string;
  readonly #control: string;
  readonly #fetch: typeof fetch;
  readonly #id: number;

  /** Use {@link RemoteScenarioServer.start}. */
  protected constructor(control: string, send: typeof fetch, started: StartedServer) {
    this.#control = control;
    this.#fetch = send;
    this.#id = started.id;
    this.origin = started.origin;
    this.port = started.port;
    this.ca = started.ca;
  }

  /** Starts a server through the control server at `control`, the `url` of `startControlServer()`. */
  static async start(control: string, options: ScenarioServerOptions = {}): Promise<RemoteScenarioServer> {
    // Kept from the start: a test may replace the global while the server lives.
    const send = globalThis.fetch.bind(globalThis);
    return new RemoteScenarioServer(control, send, await post(send, `${control}/start`, { options }));
  }

  url(path = '/'): string {
    return `${this.origin}${path}`;
  }

  /** @throws {TypeError} when the script holds a function or a mistake */
  async route(path: string, script: Step | readonly Step[]): Promise<void> {
    await this.#script('route', { path, script }, `route ${path}`, 'route');
  }

  async otherwise(script: Step | readonly Step[]): Promise<void> {
    await this.#script('otherwise', { script }, 'otherwise', 'route');
  }

  async onConnect(script: Step | readonly Step[]): Promise<void> {
    await this.#script('onConnect', { script }, 'onConnect', 'connect');
  }

  async requests(): Promise<RemoteRequest[]> {
    return (await this.#records()).requests.map((request) => new RemoteRequest(request));
  }

  async requestsTo(path: string): Promise<RemoteRequest[]> {
    return (await this.requests()).filter((request) => request.path === path);
  }

  async last(): Promise<RemoteRequest | undefined> {
    return (await this.requests()).at(-1);
  }

  async connections(): Promise<RemoteConnection[]> {
    return (await this.#records()).connections.map((connection) => new RemoteConnection(connection));
  }

  async openConnections(): Promise<number> {
    return (await this.#records()).openConnections;
  }

  /** Waits for so many requests, or for a condition. `timeout` is in milliseconds, 5000 unless given. */
  async waitFor(
    condition: number | RemoteCondition,
    options: { readonly timeout?: number } = {},
  ): Promise<void> {
    const facts = typeof condition === 'number' ? { requests: condition } : condition;
    await this.#post('waitFor', { ...facts, ...options });
  }

  issueClientCertificate(commonName = 'client'): Promise<CertificatePair> {
    return this.#post('clientCertificate', { commonName });
  }

  async reset(): Promise<void> {
    await this.#post('reset', {});
  }

  /** @throws {Error} when scripts failed */
  async close(): Promise<void> {
    await this.#post('close', {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Sends a command about this server. */
  protected command(name: string, input: object): Promise<unknown> {
    return this.#post(name, input);
  }

  #records(): Promise<PortableRecords> {
    return this.#post('records', {});
  }

  async #script(
    command: string,
    input: { readonly path?: string; readonly script: Step | readonly Step[] },
    where: string,
    scope: ScriptScope,
  ): Promise<void> {
    const portableInput = portable(input);
    for (const script of [input.script].flat()) checkScript(script, where, scope);
    await this.#post(command, portableInput);
  }

  #post<Answer>(command: string, input: unknown): Promise<Answer> {
    return post(this.#fetch, `${this.#control}/${command}/${this.#id}`, input);
  }
}

/** A proxy in another process: {@link RemoteScenarioServer} with the map of `ProxyServer`. */
export class RemoteProxyServer extends RemoteScenarioServer {
  static override async start(control: string, options: ProxyServerOptions = {}): Promise<RemoteProxyServer> {
    const send = globalThis.fetch.bind(globalThis);
    return new RemoteProxyServer(
      control,
      send,
      await post(send, `${control}/start`, { options, proxy: true }),
    );
  }

  /** Sends `host:port`, or `host` on each port, to a server of the machine that the proxy runs on. */
  async map(authority: string, origin: string): Promise<void> {
    await this.command('map', { authority, origin });
  }

  /** The CONNECT requests, oldest first. */
  async connects(): Promise<RemoteRequest[]> {
    return (await this.requests()).filter(({ method }) => method === 'CONNECT');
  }
}

async function post<Answer>(send: typeof fetch, url: string, input: unknown): Promise<Answer> {
  const response = await send(url, { method: 'POST', body: JSON.stringify(input) });
  if (response.status === 404)
    throw new TypeError('control must be the url of a control server, which answered 404');
  const answer = (await response.json()) as Answer & { error?: string; wrongUse?: boolean };
  if (response.ok) return answer;
  throw answer.wrongUse === true ? new TypeError(answer.error) : new Error(answer.error);
}
