import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { testAuthority } from './certificates.ts';
import type {
  PortableConnection,
  PortableRecords,
  PortableRequest,
  RemoteCondition,
  StartedServer,
} from './control-protocol.ts';
import { ProxyServer } from './proxy-server.ts';
import type { RecordedConnection } from './recorded-connection.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { ScenarioServer } from './scenario-server.ts';

/** How a control server listens. */
export interface ControlServerOptions {
  /** @defaultValue '127.0.0.1' */
  readonly host?: '127.0.0.1' | '::1';
  /** @defaultValue 0, any free one */
  readonly port?: number;
}

/** Lets other processes and pages start, script and question scenario servers in this one. */
export interface ControlServer extends AsyncDisposable {
  /** What `RemoteScenarioServer.start` takes. It carries a secret, since every page of this machine could post to a port. */
  readonly url: string;
  /** Closes it, and each server that was started through it. */
  close(): Promise<void>;
}

/** Starts an HTTP API on the loopback interface for `RemoteScenarioServer`, open to pages of every origin. */
export async function startControlServer(options: ControlServerOptions = {}): Promise<ControlServer> {
  const secret = randomUUID();
  const servers = new Map<number, ScenarioServer>();
  const http = createServer((request, response) => {
    answer(request, response, secret, servers).catch((error: unknown) => response.destroy(error as Error));
  });
  http.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const host = options.host === '::1' ? '[::1]' : '127.0.0.1';
  const close = (): Promise<void> => shutDown(http, servers);
  return { url: `http://${host}:${port}/${secret}`, close, [Symbol.asyncDispose]: close };
}

type Input = Readonly<Record<string, unknown>>;

const COMMANDS: ReadonlyMap<string, (server: ScenarioServer, input: Input) => unknown> = new Map<
  string,
  (server: ScenarioServer, input: Input) => unknown
>([
  ['route', (server, { path, script }) => done(server.route(String(path), script as never))],
  ['otherwise', (server, { script }) => done(server.otherwise(script as never))],
  ['onConnect', (server, { script }) => done(server.onConnect(script as never))],
  ['map', (server, { authority, origin }) => done(proxy(server).map(String(authority), String(origin)))],
  ['records', (server) => records(server)],
  ['waitFor', (server, input) => waitFor(server, input)],
  ['reset', (server) => server.reset()],
  ['clientCertificate', (server, { commonName }) => server.issueClientCertificate(String(commonName))],
]);

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  secret: string,
  servers: Map<number, ScenarioServer>,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-headers', 'content-type');
    response.setHeader('access-control-allow-methods', 'POST');
    response.setHeader('access-control-allow-private-network', 'true');
    response.writeHead(204).end();
    return;
  }
  const [, given, command = '', id = ''] = (request.url ?? '').split('/');
  if (given !== secret || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  try {
    const input = JSON.parse((await readText(request)) || '{}');
    const output = await run(command, Number(id), input, servers);
    response.end(JSON.stringify(output ?? {}));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    response.writeHead(400).end(JSON.stringify({ error: message, wrongUse: error instanceof TypeError }));
  }
}

async function run(
  command: string,
  id: number,
  input: Input,
  servers: Map<number, ScenarioServer>,
): Promise<unknown> {
  if (command === 'start') return start(input, servers);
  const server = servers.get(id);
  if (server === undefined) throw new TypeError(`no server ${id}: it was never started, or closed`);
  if (command === 'close') {
    servers.delete(id);
    return server.close();
  }
  const execute = COMMANDS.get(command);
  if (execute === undefined)
    throw new TypeError(`command must be one of ${[...COMMANDS.keys()].join(', ')}, got ${command}`);
  return execute(server, input);
}

async function start(
  { options = {}, proxy: asProxy }: Input,
  servers: Map<number, ScenarioServer>,
): Promise<StartedServer> {
  const server =
    asProxy === true
      ? await ProxyServer.start(options as never)
      : await ScenarioServer.start(options as never);
  const id = server.port;
  servers.set(id, server);
  return { id, origin: server.origin, port: server.port, ca: (await testAuthority()).ca };
}

function proxy(server: ScenarioServer): ProxyServer {
  if (server instanceof ProxyServer) return server;
  throw new TypeError('map is a command for proxies');
}

async function waitFor(server: ScenarioServer, input: Input): Promise<PortableRecords> {
  const { requests, complete, connections, openConnections } = input as RemoteCondition;
  await server.waitFor(
    () =>
      server.requests.length >= (requests ?? 0) &&
      server.requests.filter((request) => request.complete).length >= (complete ?? 0) &&
      server.connections.length >= (connections ?? 0) &&
      (openConnections === undefined || server.openConnections === openConnections),
    typeof input.timeout === 'number' ? { timeout: input.timeout } : {},
  );
  return records(server);
}

function records(server: ScenarioServer): PortableRecords {
  return {
    requests: server.requests.map(portableRequest),
    connections: server.connections.map(portableConnection),
    openConnections: server.openConnections,
  };
}

function portableRequest(request: RecordedRequest): PortableRequest {
  const {
    method,
    target,
    path,
    httpVersion,
    rawHeaders,
    trailers,
    connection,
    sequence,
    tls,
    complete,
    receivedAt,
  } = request;
  return {
    method,
    target,
    path,
    httpVersion,
    rawHeaders,
    trailers,
    connection,
    sequence,
    tls,
    complete,
    receivedAt,
    body: request.body.toString('base64'),
    chunks: request.chunks.map((chunk) => chunk.toString('base64')),
    raw: request.raw.toString('base64'),
  };
}

function portableConnection(connection: RecordedConnection): PortableConnection {
  const { id, open, requests, remoteEnded, error, malformed, tls } = connection;
  return {
    id,
    open,
    requests,
    remoteEnded,
    error,
    malformed,
    tls: tls as PortableConnection['tls'],
    bytes: connection.bytes.toString('base64'),
  };
}

function done(_chained: ScenarioServer): void {
  // A chainable method has nothing to tell a remote caller.
}

async function shutDown(http: Server, servers: Map<number, ScenarioServer>): Promise<void> {
  const closed = once(http, 'close');
  http.close();
  http.closeAllConnections();
  const results = await Promise.allSettled([...servers.values()].map((server) => server.close()));
  servers.clear();
  await closed;
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, 'scripts of remote servers failed');
}
