import { basic } from '@httpsession/core';
import { redirect } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

// Names that libraries were tricked with, and every name that we read ourselves.
const gadgets = [
  'method',
  'body',
  'headers',
  'baseUrl',
  'baseURL',
  'proxy',
  'auth',
  'username',
  'password',
  'socketPath',
  'hostname',
  'host',
  'port',
  'path',
  'timeout',
  'redirect',
  'params',
  'query',
  'json',
  'form',
  'multipart',
  'agent',
  'dispatcher',
  'rejectUnauthorized',
  'validateStatus',
  'retry',
  'adapter',
  'lookup',
  'hooks',
  'cookies',
  'signal',
  'tls',
  'verify',
  'unixSocket',
  'http2',
  'localAddress',
  'trustEnv',
  'pool',
  'upgrade',
  'expectContinue',
  'reset',
  'idempotent',
  'blocking',
  'servername',
  'headersTimeout',
  'bodyTimeout',
  'maxRedirections',
  'throwOnError',
  'origin',
  'origins',
  'flow',
  'sign',
  'beforeRequest',
  'afterExchange',
  'limit',
  'max',
  'forwardHeaders',
  'methods',
  'decompress',
  'maxResponseSize',
  'raiseForStatus',
  'x-polluted',
  'authorization',
  'cookie',
  'connection',
  'explain',
  'check',
  'netrc',
  'ca',
  'next',
  'credentials',
  'mode',
  'cache',
  'integrity',
  'keepalive',
  'onUploadProgress',
  'onDownloadProgress',
  'userinfo',
  'url',
] as const;

// Node's own net.connect() takes these from the prototype and fails: nothing leaves. undici gives us no way to say otherwise.
const refusedByNode: ReadonlySet<string> = new Set(['timeout', 'signal']);

// The scripted server would take it for a step of its scripts.
const ofTheServer: ReadonlySet<string> = new Set(['reset']);

describe('a polluted Object.prototype', () => {
  it.each<[string, unknown]>([
    ['a text', 'http://127.0.0.1:9/polluted'],
    ['true', true],
    ['a number', 1],
    ['an object', { polluted: 'yes', 0: 'x' }],
    ['a function', () => ({ polluted: 'yes' })],
  ])('changes not one byte of four calls: %s under each of the names', async (_kind, value) => {
    const server = await openServer();
    server.route('/r', redirect(302, '/g', { body: '' }));
    const [start, plain, json] = [server.url('/r'), server.url('/g'), server.url('/p')];
    const exchange = async (): Promise<string> => {
      const before = server.requests.length;
      const session = openSession({
        auth: basic('u', 'p'),
        tls: {},
        pool: { connections: 1 },
        headers: { 'x-a': '1' },
      });
      const outcomes = [
        await session.get(start).text(),
        await session.get(plain, { headers: {}, timeout: {}, retry: {}, redirect: {}, hooks: {} }).text(),
        await session.post(json, { json: { a: 1 }, params: { q: 1 }, cookies: { c: '1' } }).text(),
        (await session.head(start, {})).status,
      ];
      await session.close();
      const bytes = server.requests.slice(before).map(({ raw }) => raw.toString('latin1'));
      return [...outcomes, ...bytes].join('\n');
    };
    const clean = await exchange();
    const effects: string[] = [];
    for (const name of gadgets) {
      if (refusedByNode.has(name) || ofTheServer.has(name)) continue;
      Object.defineProperty(Object.prototype, name, {
        value,
        configurable: true,
        writable: true,
        enumerable: true,
      });
      let polluted: string;
      try {
        polluted = await Promise.race([
          exchange(),
          new Promise<string>((resolve) => setTimeout(resolve, 2_000, 'hangs')),
        ]);
      } catch (error) {
        polluted = String(error) + String((error as Error).cause) + (error as Error).stack;
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
      if (polluted !== clean) effects.push(`${name}: ${polluted}`);
    }
    expect(effects).toEqual([]);
  });

  it('is no way to say __proto__ in options read from JSON', async () => {
    const server = await openServer();
    const session = openSession();
    expect(
      await failure(session.get(server.url('/'), JSON.parse('{"__proto__": {"method": "POST"}}'))),
    ).toBeInstanceOf(TypeError);
    await session.get(server.url('/'), {
      headers: JSON.parse('{"__proto__": "1", "constructor": "2"}'),
      params: JSON.parse('{"__proto__": "1", "constructor": "2"}'),
    });
    expect(server.last?.header('__proto__')).toBe('1');
    expect(server.last?.target).toBe('/?__proto__=1&constructor=2');
  });
});
