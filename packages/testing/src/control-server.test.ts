import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ControlServer, startControlServer } from './control-server.ts';
import {
  chunked,
  close,
  echo,
  gzipped,
  proceed,
  RemoteProxyServer,
  RemoteScenarioServer,
  redirect,
  repeated,
  respond,
  sequence,
  sleep,
  text,
  when,
} from './remote.ts';

let control: ControlServer;

beforeEach(async () => {
  control = await startControlServer();
});

afterEach(() => control.close());

describe('a remote scenario server', () => {
  it('runs scripts and tells what it saw', async () => {
    await using server = await RemoteScenarioServer.start(control.url);
    await server.route('/a', redirect(302, '/b', { headers: { 'set-cookie': 'sid=1' } }));
    await server.route('/b', [respond(503), text('ok')]);
    await server.otherwise(echo());
    expect((await fetch(server.url('/a'))).status).toBe(503);
    expect(await (await fetch(server.url('/a?x=1'), { headers: { 'X-Case': 'é' } })).text()).toBe('ok');
    await fetch(server.url('/c'), { method: 'POST', body: new Uint8Array([0, 255, 128]) });
    const requests = await server.requests();
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /a',
      'GET /b',
      'GET /a',
      'GET /b',
      'POST /c',
    ]);
    expect(requests[2]?.query.get('x')).toBe('1');
    expect(requests[2]?.header('x-case')).toBe('é');
    expect([...((await server.last())?.body ?? [])]).toEqual([0, 255, 128]);
    expect((await server.connections())[0]).toMatchObject({ id: 1, open: true });
    expect(await server.requestsTo('/b')).toHaveLength(2);
  });

  it('sends bytes that JSON cannot hold, and recipes for bytes', async () => {
    await using server = await RemoteScenarioServer.start(control.url);
    await server.route('/bytes', respond({ body: new Uint8Array([0, 200, 10]) }));
    await server.route(
      '/gzip',
      respond({ headers: { 'content-encoding': 'gzip' }, body: gzipped(repeated('ab', 1000)) }),
    );
    await server.route('/chunked', chunked(['a', new Uint8Array([98])]));
    expect([...new Uint8Array(await (await fetch(server.url('/bytes'))).arrayBuffer())]).toEqual([
      0, 200, 10,
    ]);
    expect(await (await fetch(server.url('/gzip'))).text()).toBe('ab'.repeat(1000));
    expect(await (await fetch(server.url('/chunked'))).text()).toBe('ab');
  });

  it('waits, resets, and scripts connections', async () => {
    await using server = await RemoteScenarioServer.start(control.url);
    await server.onConnect([close(), proceed()]);
    await server.otherwise(when({ headers: { 'x-a': null } }, respond(401), respond(200)));
    await expect(fetch(server.url())).rejects.toThrow();
    const waiting = server.waitFor({ complete: 1, connections: 2 });
    expect((await fetch(server.url())).status).toBe(401);
    await waiting;
    await expect(server.waitFor(9, { timeout: 5 })).rejects.toThrow(
      'waited 5 ms for a condition; seen: GET /',
    );
    await server.reset();
    expect(await server.requests()).toEqual([]);
  });

  it('speaks TLS and issues client certificates', async () => {
    await using server = await RemoteScenarioServer.start(control.url, { tls: true });
    expect(server.origin).toMatch(/^https:\/\/localhost:/);
    expect(server.ca).toContain('BEGIN CERTIFICATE');
    expect((await server.issueClientCertificate()).key).toContain('BEGIN PRIVATE KEY');
  });

  it('is a proxy when asked', async () => {
    await using proxy = await RemoteProxyServer.start(control.url);
    await proxy.map('some.test', 'http://127.0.0.1:1');
    await proxy.route('CONNECT *', respond(502));
    expect(await proxy.connects()).toEqual([]);
  });

  it.each([
    ['a function', () => undefined, 'a remote script must be steps, got a function'],
    ['a mistake', { respond: { code: 1 } }, 'route /.respond must not have code'],
  ])('refuses %s before it is sent', async (_, script, message) => {
    await using server = await RemoteScenarioServer.start(control.url);
    await expect(server.route('/', script as never)).rejects.toThrow(new RegExp(message));
  });

  it('refuses unknown options and paths with a TypeError', async () => {
    await expect(RemoteScenarioServer.start(control.url, { tsl: true } as never)).rejects.toThrow(TypeError);
    await using server = await RemoteScenarioServer.start(control.url);
    await expect(server.route('nowhere', respond(200))).rejects.toThrow(TypeError);
  });

  it('tells failed scripts at close', async () => {
    const server = await RemoteScenarioServer.start(control.url);
    await server.otherwise(sequence(sleep(1)));
    await expect(fetch(server.url())).rejects.toThrow();
    await expect(server.close()).rejects.toThrow('the script ended without an answer');
    await expect(server.requests()).rejects.toThrow('it was never started, or closed');
  });

  it('cannot be driven without the secret of its control server', async () => {
    const { origin } = new URL(control.url);
    expect((await fetch(`${origin}/start`, { method: 'POST', body: '{}' })).status).toBe(404);
    await expect(RemoteScenarioServer.start(origin)).rejects.toThrow(
      'control must be the url of a control server',
    );
  });

  it('reaches no Node built-in from its entry', () => {
    const seen = new Set<string>();
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      const source = readFileSync(url, 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
      for (const [, specifier = ''] of source.matchAll(/from '([^']+)'/g)) {
        expect(specifier).toMatch(/^\.\//);
        visit(new URL(specifier, url));
      }
    };
    visit(new URL('./remote.ts', import.meta.url));
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('CORS', () => {
  it('answers preflights unrecorded and lets pages read every header', async () => {
    await using server = await RemoteScenarioServer.start(control.url, { cors: true });
    await server.otherwise(respond({ headers: { 'X-Mine': '1' }, body: 'x' }));
    const preflight = await fetch(server.url('/x'), {
      method: 'OPTIONS',
      headers: {
        origin: 'http://page.test',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'x-a, x-b',
      },
    });
    expect(preflight.status).toBe(204);
    // Twice, even the same origin is refused by browsers.
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://page.test');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-a, x-b');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('PUT');
    const answer = await fetch(server.url('/x'), { method: 'PUT', headers: { origin: 'http://page.test' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://page.test');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-mine');
    expect((await server.requests()).map(({ method }) => method)).toEqual(['PUT']);
  });

  it('stays out of responses unless asked for', async () => {
    await using server = await RemoteScenarioServer.start(control.url);
    expect((await fetch(server.url())).headers.has('access-control-allow-origin')).toBe(false);
  });
});
