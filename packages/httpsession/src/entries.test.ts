import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as browser from './browser.ts';
import * as bun from './bun.ts';
import * as defaults from './default.ts';
import * as deno from './deno.ts';
import * as edge from './edge.ts';
import * as node from './node.ts';

const entries: Record<string, object> = { browser, bun, default: defaults, deno, edge };
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

describe('the entries', () => {
  it.each(Object.keys(entries))('%s exports the same names as node', (name) => {
    expect(Object.keys(entries[name] ?? {}).sort()).toEqual(Object.keys(node).sort());
  });

  it('stand in the order in which conditions must be tried', () => {
    expect(Object.keys(manifest.exports['.'])).toEqual([
      'types',
      'source',
      'workerd',
      'edge-light',
      'bun',
      'deno',
      'browser',
      'node',
      'default',
    ]);
  });
});

describe('what a platform lacks', () => {
  it('is refused by name in browsers', () => {
    const { CookieJar, UnsupportedOptionError } = browser;
    expect(() => new CookieJar()).toThrow(UnsupportedOptionError);
    expect(() => CookieJar.fromJSON({})).toThrow('CookieJar is not supported on browser');
    expect(() => browser.netrc()).toThrow(UnsupportedOptionError);
    expect(() => new browser.Session({ proxy: 'http://127.0.0.1:9' })).toThrow(UnsupportedOptionError);
    expect(() => new browser.Session({ cookies: { a: '1' } })).toThrow(UnsupportedOptionError);
    expect(() => new browser.Session().cookies).toThrow(UnsupportedOptionError);
  });

  it.each([
    [{ proxy: 'http://127.0.0.1:9' }, 'proxy'],
    [{ tls: { verify: false } }, 'tls'],
    [{ unixSocket: '/tmp/x' }, 'unixSocket'],
    [{ http2: true }, 'http2'],
    [{ pool: { connections: 1 } }, 'pool'],
    [{ credentials: 'omit' as const }, 'credentials'],
    [{ cache: 'force-cache' as const }, 'cache'],
  ])('is refused by name in edge workers: %o', (options, name) => {
    expect(() => new edge.Session(options)).toThrow(`${name} is not supported on edge`);
  });
});

describe('Session.fromJSON', () => {
  it('brings back cookies, headers, params and baseUrl, with further options above them', async () => {
    await using session = new node.Session({
      baseUrl: 'https://api.example.com/v1/',
      headers: { 'accept-language': 'en' },
      params: { a: '1' },
      cookies: { sid: 'x' },
    });
    const json = JSON.stringify(session.toJSON());
    await using copy = node.Session.fromJSON(json, { params: { a: '2' } });
    expect(copy.headers.get('accept-language')).toBe('en');
    expect(copy.cookies.toObject('https://api.example.com/')).toEqual({ sid: 'x' });
    expect(copy.prepare('GET', 'items').url).toBe('https://api.example.com/v1/items?a=2');
    expect(() => node.Session.fromJSON('{}')).toThrow(TypeError);
  });

  it('leaves out the headers of the platform that were removed', async () => {
    await using session = new node.Session({ headers: { 'User-Agent': null, Authorization: 'secret' } });
    session.headers.delete('accept');
    const json = JSON.stringify(session.toJSON());
    expect(json).not.toContain('secret');
    await using copy = node.Session.fromJSON(json);
    const { headers } = copy.prepare('GET', 'https://api.example.com/');
    expect(headers.toInit()).toEqual([
      ['user-agent', null],
      ['accept', null],
    ]);
    expect(() => node.Session.fromJSON({ version: 1, headers: [['a', 1]], params: [] })).toThrow(TypeError);
    expect(() => node.Session.fromJSON({ version: 1, headers: [], params: [['a', null]] })).toThrow(
      TypeError,
    );
  });
});

describe('the default User-Agent', () => {
  it('names the version of this package', () => {
    const agent = new edge.Session().headers.get('user-agent');
    expect(agent).toBe(`httpsession/${manifest.version}`);
    expect(new browser.Session().headers.has('user-agent')).toBe(false);
  });
});
