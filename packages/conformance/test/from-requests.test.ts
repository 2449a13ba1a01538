import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { echo, ProxyServer, redirect, respond, ScenarioServer, stall, text } from '@httpsession/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oracleMissing, pythonWithRequests } from '../requests-parity/oracle.ts';

const directory = fileURLToPath(new URL('../../../examples/from-requests', import.meta.url));
const examples = (await readdir(directory))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
  .sort();

const OUTPUT: Readonly<Record<string, string>> = {
  '01-log-in-and-stay-logged-in': '200 welcome ada\ncookies: sid\n',
  '02-default-headers-auth-and-timeout':
    'user-agent: MyApp/1.0\naccept: application/json\nauthorization: Basic dXNlcjpwYXNz\nthe server was too slow\n',
  '03-pooling':
    'without a session: 20 requests, 20 connections, N ms\nwith a session: 20 requests, 1 connections, N ms\n',
  '04-basic-auth': '401\n200\n200\n200\n200\n',
  '05-adapters-with-retry': '200 up again\nretries: 2\n/down stayed down\n',
  '06-context-manager': 'inside: 401\nclosed\n',
  '07-proxies': 'through the proxy: hello from the proxy\ndirectly: hello\n',
  '08-verify': 'not trusted\nunchecked: 200\nchecked: 200\n',
  '09-two-users': 'ada: 200 welcome ada\nbob: 200 welcome bob\nnobody: 401 who are you?\n',
  '10-robust-request':
    'got world\nthe server refused: 404\nno answer in time\nthat is no JSON\nno connection\nthat is no URL\n',
  '11-prepared-requests': "POST /echo a=1\na=1 ['demo', 'yes']\n",
  '12-mount': 'canned answer\nhello\n',
  '13-hooks': '301 /old\n200 /hello\n',
  '14-merge-of-settings': [
    "/echo?page=1&lang=en ['x-a: session', 'x-b: session']",
    "/echo?page=2&lang=en ['x-a: session', 'x-b: call']",
    "/echo?page=1 ['x-b: session']",
    "/echo?page=1&lang=en ['x-a: session', 'x-b: session']",
    '',
  ].join('\n'),
};

/** The service that the examples talk to. */
const script = (server: ScenarioServer): void => {
  server.route('/hello', text('hello'));
  server.route(
    '/json',
    respond({ headers: { 'content-type': 'application/json' }, body: '{"hello":"world"}' }),
  );
  server.route('/echo', echo());
  server.route('/old', redirect(301, '/hello'));
  server.route('/slow', stall());
  server.route('/flaky', [respond(503), respond(503), text('up again')]);
  server.route('/down', respond(503));
  server.route('/connection', (exchange) => exchange.respond({ body: String(exchange.connection.id) }));
  server.route('/basic', {
    when: { headers: { authorization: 'Basic dXNlcjpwYXNz' } },
    do: respond(),
    otherwise: respond({ status: 401, headers: { 'www-authenticate': 'Basic realm="example"' } }),
  });
  server.route('POST /login', async (exchange) => {
    const user = new URLSearchParams((await exchange.body()).toString()).get('user') ?? '';
    await exchange.run(
      redirect(303, '/account', { headers: { 'set-cookie': `sid=${user}; Path=/; HttpOnly` } }),
    );
  });
  server.route('/account', (exchange) => {
    const user = /sid=(\w+)/.exec(exchange.request.header('cookie') ?? '')?.[1];
    return exchange.respond(
      user === undefined ? { status: 401, body: 'who are you?' } : { body: `welcome ${user}` },
    );
  });
};

/** Proxies and authorities of this machine are no part of the examples. */
const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/_proxy$|_CA_BUNDLE$|^SSL_CERT_|^NODE_OPTIONS$/i.test(name),
    ),
  );

describe('examples for those who come from requests', () => {
  let built: string;
  let ca: string;
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'httpsession-examples-'));
    await build({
      entryPoints: examples.map((name) => join(directory, `${name}.ts`)),
      outdir: built,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      target: 'node20.18',
      format: 'esm',
      conditions: ['source', 'node'],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    ca = join(built, 'ca.pem');
  });
  afterAll(() => rm(built, { recursive: true, force: true }));

  const run = async (
    command: string,
    file: string,
  ): Promise<{ code: unknown; output: string; complaints: string }> => {
    await using server = await ScenarioServer.start();
    await using secure = await ScenarioServer.start({ tls: true });
    await using proxy = await ProxyServer.start();
    script(server);
    secure.otherwise(respond());
    proxy.otherwise(text('hello from the proxy'));
    await writeFile(ca, secure.ca);
    const parameters = [file, server.origin, proxy.origin, secure.origin, ca];
    return await new Promise((resolve) => {
      // The exit code is the proof that the program ends by itself: a kept connection or timer would make it time out.
      execFile(
        command,
        parameters,
        { timeout: 20_000, env: plainEnvironment() },
        (error, output, complaints) =>
          resolve({
            code: error === null ? 0 : (error.code ?? error.signal),
            output: output.replace(/\d+ ms/g, 'N ms'),
            complaints,
          }),
      );
    });
  };

  it('are all listed here, each with its Python form beside it', async () => {
    expect(examples).toEqual(Object.keys(OUTPUT));
    const python = (await readdir(directory)).filter((name) => name.endsWith('.py'));
    expect(python.map((name) => name.slice(0, -3)).sort()).toEqual(examples);
  });

  for (const [name, output] of Object.entries(OUTPUT)) {
    it(`${name} prints what it should and ends`, async () => {
      const extra = name === '03-pooling' ? 'with module functions: 20 requests, 1 connections, N ms\n' : '';
      const result = await run(process.execPath, join(built, `${name}.mjs`));
      expect(result).toEqual({ code: 0, output: output + extra, complaints: '' });
    });

    it(`${name} prints the same in Python`, async ({ skip }) => {
      if (pythonWithRequests === undefined) return skip(oracleMissing);
      const result = await run(pythonWithRequests, join(directory, `${name}.py`));
      expect(result).toEqual({ code: 0, output, complaints: '' });
    });
  }
});
