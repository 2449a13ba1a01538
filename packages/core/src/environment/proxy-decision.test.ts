import { afterEach, describe, expect, it } from 'vitest';
import { checkProxyInit, type ProxyInit, resolveProxy } from './proxy-decision.ts';

const environment = { http: 'env-http:1', https: 'env-https:2', no: 'direct.test' };
const decide = (proxy: ProxyInit | undefined, url: string): string | null =>
  resolveProxy(proxy, environment, new URL(url));

describe('resolveProxy', () => {
  it.each<[string, ProxyInit | undefined, string, string | null]>([
    ['takes the environment when nothing is given', undefined, 'http://a.test/', 'http://env-http:1'],
    ['takes the environment per scheme', undefined, 'https://a.test/', 'http://env-https:2'],
    ['honours NO_PROXY for the environment', undefined, 'http://direct.test/', null],
    ['goes direct with null', null, 'http://a.test/', null],
    ['prefers what was given', 'http://mine:3', 'http://a.test/', 'http://mine:3'],
    ['does not apply NO_PROXY to what was given', 'http://mine:3', 'http://direct.test/', 'http://mine:3'],
    ['takes a URL', new URL('socks5h://mine'), 'https://a.test/', 'socks5h://mine:1080'],
    ['adds http:// to a bare host and port', 'mine:3128', 'http://a.test/', 'http://mine:3128'],
    ['spells one proxy in one way', 'HTTP://u:p@MINE/path?x', 'http://a.test/', 'http://u:p@mine:80'],
    ['chooses by scheme', { http: 'h:1', https: 's:2' }, 'https://a.test/', 'http://s:2'],
    ['falls back to all', { all: 'h:1' }, 'https://a.test/', 'http://h:1'],
    [
      'prefers scheme://host to scheme',
      { http: 'h:1', 'http://a.test': 'x:9' },
      'http://a.test:81/',
      'http://x:9',
    ],
    [
      'prefers scheme://host:port to scheme://host',
      { 'http://a.test': 'h:1', 'http://a.test:81': 'x:9' },
      'http://a.test:81/',
      'http://x:9',
    ],
    [
      'prefers scheme to all://host, as requests does',
      { http: 'h:1', 'all://a.test': 'x:9' },
      'http://a.test/',
      'http://h:1',
    ],
    ['prefers all://host to all', { all: 'h:1', 'all://a.test': 'x:9' }, 'http://a.test/', 'http://x:9'],
    ['goes direct where the map says null', { http: null }, 'http://a.test/', null],
    ['leaves a missing scheme to the environment', { http: null }, 'https://a.test/', 'http://env-https:2'],
    ['judges the map by its own list', { http: 'h:1', no: 'a.test' }, 'http://a.test/', null],
    ['takes the list as an array', { http: 'h:1', no: ['b.test', 'a.test'] }, 'http://a.test/', null],
    ['does not judge the map by NO_PROXY', { http: 'h:1' }, 'http://direct.test/', 'http://h:1'],
    ['lets the map list replace NO_PROXY', { no: 'a.test' }, 'http://direct.test/', 'http://env-http:1'],
    ['lets the map switch NO_PROXY off', { no: null }, 'http://direct.test/', 'http://env-http:1'],
    ['keeps NO_PROXY for what the map leaves open', { https: 's:2' }, 'http://direct.test/', null],
    ['asks a function', (url) => `p-${url.hostname}:5`, 'http://a.test/', 'http://p-a.test:5'],
    ['goes direct when the function says null', () => null, 'http://a.test/', null],
    [
      'takes the environment when the function says nothing',
      () => undefined,
      'http://a.test/',
      'http://env-http:1',
    ],
  ])('%s', (_title, proxy, url, expected) => {
    expect(decide(proxy, url)).toBe(expected);
  });

  it('throws for a proxy it cannot read instead of going direct', () => {
    expect(() => resolveProxy(undefined, { http: 'ftp://x' }, new URL('http://a.test/'))).toThrow(
      'http_proxy must be one of http, https, socks4, socks4a, socks5, socks5h, got the scheme ftp',
    );
    expect(() => decide(() => 'http://[bad', 'http://a.test/')).toThrow(TypeError);
  });

  describe('with a polluted Object.prototype', () => {
    afterEach(() => {
      for (const key of ['http', 'all', 'no']) Reflect.deleteProperty(Object.prototype, key);
    });

    it('does not see what is not its own', () => {
      for (const key of ['http', 'all']) Reflect.set(Object.prototype, key, 'http://evil:1');
      Reflect.set(Object.prototype, 'no', '*');
      expect(resolveProxy({ https: 's:2' }, Object.create(null), new URL('http://a.test/'))).toBeNull();
      expect(resolveProxy({ https: 's:2' }, Object.create(null), new URL('https://a.test/'))).toBe(
        'http://s:2',
      );
    });
  });
});

describe('checkProxyInit', () => {
  it.each<[unknown, string]>([
    ['', 'proxy must be a proxy URL, got ""'],
    ['http://user:secret@[bad', 'proxy must be a proxy URL, got "***@[bad"'],
    ['gopher://x', 'got the scheme gopher'],
    [7, 'proxy must be a URL, a map, a function or null, got number'],
    [['http://x'], 'proxy must be a URL, a map, a function or null'],
    [{ ftp: 'http://x' }, 'proxy keys are http, https, all, no and scheme://host, got ftp'],
    [{ 'http://a.test/path': 'http://x' }, 'proxy keys are http'],
    [{ 'http://A.test': 'http://x' }, 'proxy key http://A.test must be spelled http://a.test'],
    [{ 'https://a.test:443': 'http://x' }, 'must be spelled https://a.test'],
    [{ http: 7 }, 'proxy["http"] must be a URL or null, got number'],
    [{ no: 7 }, 'proxy.no must be a string or an array of strings, got number'],
  ])('refuses %j', (proxy, message) => {
    expect(() => checkProxyInit(proxy as ProxyInit)).toThrow(message);
    expect(() => checkProxyInit(proxy as ProxyInit)).toThrow(TypeError);
  });

  it.each<[ProxyInit]>([
    [null],
    ['socks4a://x:1'],
    [{ http: null, no: ['a'], 'all://a.test': 'x:1' }],
    [() => null],
  ])('accepts %j', (proxy) => {
    expect(() => checkProxyInit(proxy)).not.toThrow();
  });
});
