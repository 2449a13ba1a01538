import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../platform.ts';
import { Session } from '../session/session.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import { crossesOrigin, isPlainHeader } from './credential-filter.ts';

describe('which headers may cross', () => {
  it.each([
    ['accept', true],
    ['accept-language', true],
    ['content-type', true],
    ['user-agent', true],
    ['range', true],
    ['if-none-match', true],
    ['cache-control', true],
    ['pragma', true],
    ['traceparent', true],
    ['tracestate', true],
    ['baggage', true],
    ['authorization', false],
    ['proxy-authorization', false],
    ['cookie', false],
    ['cookie2', false],
    ['x-api-key', false],
    ['api-key', false],
    ['x-auth-token', false],
    ['x-csrf-token', false],
    ['private-token', false],
    ['x-accept', false],
    ['host', false],
    ['referer', false],
    ['origin', false],
    ['x-anything', false],
    ['idempotency-key', false],
    ['', false],
  ])('%s: %s', (name, crosses) => {
    expect(isPlainHeader(name)).toBe(crosses);
    expect(crossesOrigin(new Set())(name)).toBe(crosses);
    expect(crossesOrigin(new Set([name]))(name)).toBe(true);
  });
});

describe('whatever the chain of redirects', () => {
  const origins = [
    'https://a.test',
    'https://a.test:8443',
    'http://a.test',
    'https://sub.a.test',
    'https://b.test',
    'http://127.0.0.1',
    'http://[::1]',
  ];
  const hop = fc.record({
    origin: fc.constantFrom(...origins),
    status: fc.constantFrom(301, 302, 303, 307, 308),
    userinfo: fc.constantFrom('', 'user:LOCATION@'),
  });
  // Where on the list of plain names a random one could be: those are told apart by their value.
  const secretName = fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/).map((name) => `x-${name}`);
  const containers = fc.constantFrom<
    (pairs: [string, string][]) => Iterable<[string, string]> | Record<string, string>
  >(
    (pairs) => Object.freeze(Object.fromEntries(pairs)),
    (pairs) => Object.fromEntries(pairs.map(([name, value]) => [name.toUpperCase(), value])),
    (pairs) => new Headers(pairs),
    (pairs) => Object.freeze(pairs.map((pair) => Object.freeze(pair) as [string, string])),
    (pairs) => new Map(pairs),
    function* (pairs) {
      yield* pairs;
    },
  );

  it('no secret is seen outside the origin it was for, nor anywhere after the chain has left it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...origins),
        fc.array(hop, { minLength: 1, maxLength: 8 }),
        fc.uniqueArray(secretName, { maxLength: 3 }),
        containers,
        fc.constantFrom('GET', 'POST', 'PUT'),
        fc.boolean(),
        async (start, hops, names, contain, method, viaFetch) => {
          const seen: { origin: string; text: string }[] = [];
          const session = new Session(
            { redirect: { allowDowngrade: true, max: 100 }, headers: { 'X-Default': 'DEFAULT' } },
            recording(seen, hops),
          );
          const headers = contain([
            ['Authorization', 'HEADER'],
            ['Cookie', 'c=HEADER'],
            ...names.map((name): [string, string] => [name, 'HEADER']),
            ['Accept', 'text/html'],
          ]);
          const url = `${start}/0`;
          const body = method === 'GET' ? null : 'body';
          const response = viaFetch
            ? await session.fetch(
                new Request(url, { method, body, headers: new Headers([...pairsOf(headers)]) }),
              )
            : await session.request(method, url, { headers, body, cookies: { call: 'COOKIE' } });
          expect(response.status).toBe(200);
          let left = false;
          for (const { origin, text } of seen) {
            left ||= origin !== start;
            if (left) expect(text).not.toMatch(/HEADER|DEFAULT/);
            else expect(text).toMatch(/HEADER/);
            if (origin !== start) expect(text).not.toMatch(/COOKIE/);
            expect(text).not.toMatch(/LOCATION/);
            expect(text).toContain('text/html');
          }
          expect(seen.length).toBe(hops.length + 1);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('a credential is seen at its own origin each time the chain is there, and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...origins),
        fc.array(hop, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('session', 'call', 'userinfo', 'baseUrl'),
        async (start, hops, kind) => {
          const seen: { origin: string; text: string }[] = [];
          const session = new Session(
            {
              redirect: { allowDowngrade: true, max: 100 },
              ...(kind === 'baseUrl' && { baseUrl: start }),
              ...((kind === 'session' || kind === 'baseUrl') && { auth: ['user', 'SECRET'] as const }),
            },
            recording(seen, hops),
          );
          const url = kind === 'userinfo' ? `${start}/0`.replace('//', '//user:SECRET@') : `${start}/0`;
          await session.get(url, kind === 'call' ? { auth: ['user', 'SECRET'] } : {});
          for (const { origin, text } of seen) {
            expect(text.includes(btoa('user:SECRET'))).toBe(origin === start);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

const pairsOf = (headers: Iterable<[string, string]> | Record<string, string>): Iterable<[string, string]> =>
  Symbol.iterator in headers ? headers : Object.entries(headers);

/** A network in memory: answers redirect by redirect, and writes down all that arrived. */
const recording = (
  seen: { origin: string; text: string }[],
  hops: readonly { origin: string; status: number; userinfo: string }[],
): Platform => ({
  name: 'test',
  userAgent: null,
  cookies: null,
  createTransport: () =>
    fetchTransport((url, init) => {
      const { origin, pathname } = new URL(url);
      seen.push({ origin, text: `${url} ${JSON.stringify(init.headers)}` });
      const hop = hops[Number(pathname.slice(1))];
      if (hop === undefined) return new Response('end');
      const location = `${hop.origin}/${Number(pathname.slice(1)) + 1}`.replace('//', `//${hop.userinfo}`);
      return new Response(null, { status: hop.status, headers: { location } });
    }),
});
