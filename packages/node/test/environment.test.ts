import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { ESTABLISHED, scriptedProxy } from './support/proxy.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';
import { fetchText, openSession } from './support/session.ts';

const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];
let authority: Authority;
let identity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['good.test', '127.0.0.1']);
});
beforeEach(() => {
  for (const name of names.flatMap((lower) => [lower, lower.toUpperCase()])) vi.stubEnv(name, undefined);
  vi.stubEnv('REQUEST_METHOD', undefined);
  return () => vi.unstubAllEnvs();
});

/** What a session that trusts the environment gets for an http URL: the text of whoever answered. */
const asked = async (url: string, options: Parameters<typeof openSession>[0] = {}): Promise<string> => {
  const session = openSession({ trustEnv: true, ...options });
  const text = await fetchText(session, url);
  await session.close();
  return text.slice(4);
};

describe('proxies of the environment', () => {
  it.each<[string, (proxy: string) => Record<string, string>, string]>([
    ['http_proxy', (proxy) => ({ http_proxy: proxy }), 'proxied'],
    ['HTTP_PROXY', (proxy) => ({ HTTP_PROXY: proxy }), 'proxied'],
    ['all_proxy', (proxy) => ({ all_proxy: proxy }), 'proxied'],
    ['ALL_PROXY', (proxy) => ({ ALL_PROXY: proxy }), 'proxied'],
    ['http_proxy over HTTP_PROXY', (p) => ({ http_proxy: p, HTTP_PROXY: 'http://127.0.0.1:1' }), 'proxied'],
    ['an empty http_proxy over HTTP_PROXY', (p) => ({ http_proxy: '', HTTP_PROXY: p }), 'direct'],
    ['https_proxy alone', (proxy) => ({ https_proxy: proxy }), 'direct'],
    ['HTTP_PROXY in a CGI script', (p) => ({ HTTP_PROXY: p, REQUEST_METHOD: 'GET' }), 'direct'],
    ['http_proxy in a CGI script', (p) => ({ http_proxy: p, REQUEST_METHOD: 'GET' }), 'proxied'],
    ['NO_PROXY with the host', (p) => ({ http_proxy: p, NO_PROXY: '127.0.0.1' }), 'direct'],
    ['no_proxy over NO_PROXY', (p) => ({ http_proxy: p, no_proxy: 'x.test', NO_PROXY: '*' }), 'proxied'],
    ['no_proxy with a network', (p) => ({ http_proxy: p, no_proxy: 'x.test 127.0.0.0/8' }), 'direct'],
    ['no_proxy with another port', (p) => ({ http_proxy: p, no_proxy: '127.0.0.1:1' }), 'proxied'],
  ])('%s', async (_title, environment, expected) => {
    await using origin = await rawServer(answering(() => ok('direct')));
    await using proxy = await rawServer(answering(() => ok('proxied')));
    for (const [name, value] of Object.entries(environment(`http://127.0.0.1:${proxy.port}`))) {
      vi.stubEnv(name, value);
    }
    expect(await asked(`http://127.0.0.1:${origin.port}/`)).toBe(expected);
  });

  it('https_proxy carries https, with its credentials in CONNECT alone', async () => {
    await using origin = await rawServer(
      answering(() => ok('secret')),
      { tls: identity },
    );
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    vi.stubEnv('https_proxy', `http://user:pw@127.0.0.1:${proxy.port}`);
    expect(await asked(`https://good.test:${origin.port}/`, { tls: { ca: authority.ca } })).toBe('secret');
    expect(proxy.heads[0]).toMatch(/Proxy-Authorization: Basic dXNlcjpwdw==\r\n/);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy');
  });

  it.each<[string, Parameters<typeof openSession>[0], string]>([
    ['trustEnv: false', { trustEnv: false }, 'direct'],
    ['trustEnv: { proxy: false }', { trustEnv: { proxy: false } }, 'direct'],
    ['trustEnv: { ca: false }', { trustEnv: { ca: false } }, 'proxied'],
    ['trustEnv: { netrc: true }', { trustEnv: { netrc: true } }, 'proxied'],
    ['proxy: null', { proxy: null }, 'direct'],
    ['proxy: { http: null }', { proxy: { http: null } }, 'direct'],
    ['proxy: { https: null }', { proxy: { https: null } }, 'proxied'],
    ['a function that answers null', { proxy: () => null }, 'direct'],
    ['a function that answers undefined', { proxy: () => undefined }, 'proxied'],
  ])('with %s', async (_title, options, expected) => {
    await using origin = await rawServer(answering(() => ok('direct')));
    await using proxy = await rawServer(answering(() => ok('proxied')));
    vi.stubEnv('http_proxy', `http://127.0.0.1:${proxy.port}`);
    expect(await asked(`http://127.0.0.1:${origin.port}/`, options)).toBe(expected);
  });

  it('yield to the proxy of the session, and that to the proxy of the call', async () => {
    await using environment = await rawServer(answering(() => ok('environment')));
    await using ours = await rawServer(answering(() => ok('session')));
    await using own = await rawServer(answering(() => ok('call')));
    vi.stubEnv('http_proxy', `http://127.0.0.1:${environment.port}`);
    // NO_PROXY limits the proxies of the environment alone.
    vi.stubEnv('no_proxy', 'a.test');
    const session = openSession({ trustEnv: true, proxy: `http://127.0.0.1:${ours.port}` });
    expect(await fetchText(session, 'http://a.test/')).toBe('200 session');
    const response = await session.get('http://a.test/', { proxy: `http://127.0.0.1:${own.port}` });
    expect(await response.text()).toBe('call');
    expect(environment.sockets).toHaveLength(0);
  });

  // In requests the environment's proxy comes back at the second hop of a call that switched it off.
  it('stay out for all hops of a call that switched them off', async () => {
    await using origin = await rawServer(
      answering((head) =>
        head.startsWith('GET /end')
          ? ok('direct')
          : 'HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    await using proxy = await rawServer(answering(() => ok('proxied')));
    vi.stubEnv('http_proxy', `http://127.0.0.1:${proxy.port}`);
    const session = openSession({ trustEnv: true });
    for (const none of [null, { http: null }]) {
      const response = await session.get(`http://127.0.0.1:${origin.port}/`, { proxy: none });
      expect(await response.text()).toBe('direct');
    }
    expect(proxy.sockets).toHaveLength(0);
  });

  it('are judged anew at each hop', async () => {
    await using origin = await rawServer(answering(() => ok('direct')));
    await using proxy = await rawServer(
      answering(
        () => `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${origin.port}/\r\nContent-Length: 0\r\n\r\n`,
      ),
    );
    vi.stubEnv('http_proxy', `http://u:p@127.0.0.1:${proxy.port}`);
    vi.stubEnv('no_proxy', '127.0.0.1');
    expect(await asked('http://start.test/')).toBe('direct');
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy');
  });

  it('are shown by explain, without their credentials', () => {
    vi.stubEnv('http_proxy', 'http://user:secret@proxy.test:3128');
    const session = openSession({ trustEnv: true });
    const explained = session.explain('GET', 'http://a.test/');
    expect(explained.options.proxy).toMatchObject({ source: 'environment' });
    expect(JSON.stringify(explained)).toContain('proxy.test:3128');
    expect(JSON.stringify(explained)).not.toContain('secret');
  });

  it('that cannot be read fail the call instead of being passed over', async () => {
    await using origin = await rawServer(answering(() => ok('direct')));
    vi.stubEnv('http_proxy', 'gopher://p.test');
    await expect(asked(`http://127.0.0.1:${origin.port}/`)).rejects.toThrow(/http_proxy must be one of/);
    expect(origin.sockets).toHaveLength(0);
  });
});
