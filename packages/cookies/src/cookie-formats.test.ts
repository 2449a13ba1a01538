import { InvalidCookieError } from '@httpsession/core';
import fc from 'fast-check';
import { CookieJar as ToughJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';
import type { CookieRecord } from './cookie-record.ts';

const NOW = Date.UTC(2026, 0, 1);
const clock = { now: () => NOW };
const U = 'https://app.example.com/';

const octet = fc.constantFrom(...'abcXYZ09 "%,/=_-[]{}é\u00ff');
const text = fc.string({ unit: octet, maxLength: 15 }).map((s) => s.trim());
const draft = fc
  .record({
    name: fc.oneof(
      fc
        .string({ unit: fc.constantFrom(...'abC_."[]é '), minLength: 1, maxLength: 6 })
        .map((s) => s.trim() || 'n'),
      fc.constantFrom('__proto__', 'constructor', '__Secure-a', '__Host-a', '__Host-Http-a', '__http-b'),
    ),
    value: text,
    domain: fc.constantFrom(
      'example.com',
      'app.example.com',
      '127.0.0.1',
      '[::1]',
      'localhost',
      'example.com.',
      'a.co.uk',
      '__proto__',
    ),
    hostOnly: fc.boolean(),
    path: fc.constantFrom('/', '/a', '/a b', '/__proto__', '/%E6%97%A5', '/a|b'),
    secure: fc.boolean(),
    httpOnly: fc.boolean(),
    sameSite: fc.constantFrom(null, 'strict', 'lax', 'none') as fc.Arbitrary<CookieRecord['sameSite']>,
    partitioned: fc.boolean(),
    expires: fc.option(fc.integer({ min: 1, max: 400 * 86_400 }).map((s) => NOW + s * 1000)),
    created: fc.integer({ min: 0, max: NOW }),
  })
  .map((cookie) => {
    const prefixed = /^__(?:secure|host|http)/i.test(cookie.name);
    const hostBound = /^__host/i.test(cookie.name);
    return {
      ...cookie,
      secure: prefixed || cookie.secure || cookie.sameSite === 'none' || cookie.partitioned,
      httpOnly: /http-/i.test(cookie.name) || cookie.httpOnly,
      hostOnly: hostBound || cookie.hostOnly,
      path: hostBound ? '/' : cookie.path,
    };
  });
const filled = fc.array(draft, { maxLength: 20 }).map((drafts) => new CookieJar(clock).addAll(drafts));

describe('JSON', () => {
  it('comes back as it went, whatever is in the jar', () => {
    fc.assert(
      fc.property(filled, (jar) => {
        expect([...CookieJar.fromJSON(JSON.parse(JSON.stringify(jar)), clock)]).toEqual([...jar]);
      }),
    );
  });

  it('leaves out what is at its default', () => {
    const jar = new CookieJar(clock);
    jar.set('a', '1', { domain: 'example.com' });
    expect(jar.toJSON()).toEqual({
      version: 1,
      cookies: [{ name: 'a', value: '1', domain: 'example.com', path: '/', created: NOW }],
    });
  });

  it.each([
    [null, 'json must be an object, got null'],
    [[], 'json must be an object, got an array'],
    [{ version: 2 }, 'json.version must be 1, got 2'],
    [{ version: 1 }, 'json.cookies must be an array, got undefined'],
    [{ version: 1, cookies: [{}] }, 'json.cookies[0].name must be a string, got undefined'],
    [
      { version: 1, cookies: [{ name: 'a', value: 1 }] },
      'json.cookies[0].value must be a string, got number',
    ],
    [
      { version: 1, cookies: [{ name: 'a', value: '', domain: 'a.b', path: '/', secure: 'yes' }] },
      'json.cookies[0].secure must be true or false, got string',
    ],
    [
      { version: 1, cookies: [{ name: 'a', value: '', domain: 'a.b', path: '/', expires: '9' }] },
      'json.cookies[0].expires must be a number, got string',
    ],
    [
      { version: 1, cookies: [{ name: 'a', value: '', domain: 'a.b', path: '/', sameSite: 'Lax' }] },
      "json.cookies[0].sameSite must be 'strict', 'lax' or 'none', got string",
    ],
  ])('refuses %j', (json, message) => {
    expect(() => CookieJar.fromJSON(json)).toThrow(new TypeError(message));
  });

  const plain = { name: 'a', value: '1', domain: 'example.com', hostOnly: true, path: '/' };
  it.each([
    { ...plain, value: 'a\r\nb' },
    { ...plain, value: 'a;b' },
    { ...plain, value: '日' },
    { ...plain, value: ' a' },
    { ...plain, value: 'x'.repeat(4096) },
    { ...plain, name: 'a=b' },
    { ...plain, name: '', value: '' },
    { ...plain, name: 'a\0' },
    { ...plain, path: '/;' },
    { ...plain, path: 'x' },
    { ...plain, domain: 'a b' },
    { ...plain, domain: '' },
    { ...plain, name: '__Host-a' },
    { ...plain, name: '__Secure-a' },
    { ...plain, name: '', value: '__Host-a=b' },
    { ...plain, sameSite: 'none' },
    { ...plain, partitionKey: 'https://x\r\n' },
  ])('refuses the cookie %j', (cookie) => {
    expect(() => CookieJar.fromJSON({ version: 1, cookies: [cookie] })).toThrow(InvalidCookieError);
  });

  it('drops expired cookies and caps far expiries on the way in', () => {
    const cookies = [
      { ...plain, expires: NOW },
      { ...plain, name: 'b', expires: NOW * 2 },
    ];
    const jar = CookieJar.fromJSON({ version: 1, cookies }, clock);
    expect([...jar].map(({ name, expires }) => [name, expires])).toEqual([['b', NOW + 400 * 86_400_000]]);
  });

  it('ignores inherited members', () => {
    const json = JSON.parse(
      '{"version":1,"cookies":[{"__proto__":{"name":"a"},"value":"1","domain":"a.b","path":"/"}]}',
    );
    expect(() => CookieJar.fromJSON(json)).toThrow(/\.name must be a string/);
  });
});

describe('cookies.txt', () => {
  it('keeps everything it has a column for', () => {
    fc.assert(
      fc.property(filled, (jar) => {
        const back = CookieJar.fromNetscape(jar.toNetscape(), clock);
        const lossy = (cookie: CookieRecord): object => ({
          ...cookie,
          sameSite: null,
          partitioned: false,
          created: NOW,
        });
        expect([...back]).toEqual([...jar].map(lossy));
      }),
    );
  });

  it('is what curl and Python write and read', () => {
    const jar = new CookieJar(clock);
    jar.set('sid', 'a%20b', { url: U, httpOnly: true, maxAge: 60 });
    jar.set('lang', 'en', { domain: 'example.com' });
    expect(jar.toNetscape().split('\n')).toEqual([
      '# Netscape HTTP Cookie File',
      '# Written by httpsession. These are credentials: keep them to yourself.',
      '',
      `#HttpOnly_app.example.com\tFALSE\t/\tTRUE\t${NOW / 1000 + 60}\tsid\ta%20b`,
      '.example.com\tTRUE\t/\tFALSE\t0\tlang\ten',
      '',
    ]);
  });

  const read = (line: string): CookieRecord | undefined => [...CookieJar.fromNetscape(line, clock)][0];
  const soon = NOW / 1000 + 60;

  it.each([
    [
      'a line of curl',
      `.example.com\tTRUE\t/\tFALSE\t${soon}\ta\tb c"d,%`,
      { domain: 'example.com', hostOnly: false, value: 'b c"d,%', expires: NOW + 60_000 },
    ],
    [
      'a line with CRLF',
      'example.com\tFALSE\t/\tTRUE\t0\ta\tb\r\n',
      { hostOnly: true, secure: true, value: 'b', expires: null },
    ],
    [
      'an HttpOnly line',
      '#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\ta\tb',
      { domain: 'example.com', httpOnly: true },
    ],
    ['an empty value with its tab', 'example.com\tFALSE\t/\tFALSE\t0\ta\t', { name: 'a', value: '' }],
    ['six columns: no value', 'example.com\tFALSE\t/\tFALSE\t0\ta', { name: 'a', value: '' }],
    ['six columns: no path', 'example.com\tFALSE\tFALSE\t0\ta\tb', { name: 'a', value: 'b', path: '/' }],
    ['an empty expiry', 'example.com\tFALSE\t/\tFALSE\t\ta\tb', { expires: null }],
    ['an expiry with a fraction', `example.com\tFALSE\t/\tFALSE\t${soon}.5\ta\tb`, { expires: NOW + 60_500 }],
    ['a nameless cookie', 'example.com\tFALSE\t/\tFALSE\t0\t\tb', { name: '', value: 'b' }],
    ['the port that wget writes', 'example.com:8080\tFALSE\t/\tFALSE\t0\ta\tb', { domain: 'example.com' }],
    [
      'a flag that contradicts the dot',
      '.example.com\tFALSE\t/\tFALSE\t0\ta\tb',
      { domain: 'example.com', hostOnly: true },
    ],
    ['an IPv6 address without brackets', '::1\tFALSE\t/\tFALSE\t0\ta\tb', { domain: '[::1]' }],
  ])('reads %s', (_title, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it('passes over comments, blanks and expired cookies', () => {
    expect(
      CookieJar.fromNetscape(
        '# Netscape HTTP Cookie File\n\n# x\n  \nexample.com\tFALSE\t/\tFALSE\t1\ta\tb\n',
        clock,
      ).size,
    ).toBe(0);
  });

  it.each([
    ['[{"name":"a"}]', 'got JSON'],
    ['  {"cookies":[]}', 'got JSON'],
    ['example.com\tFALSE\t/\tFALSE\t0', 'line 1 must have 6 or 7 columns between tabs, got 5'],
    ['# x\nexample.com\tFALSE\t/\tFALSE\t0\ta\tb\tc', 'line 2 must have 6 or 7 columns between tabs, got 8'],
    ['example.com\tmaybe\t/\tFALSE\t0\ta\tb', 'line 1 must say TRUE or FALSE'],
    ['example.com\tFALSE\t/\tFALSE\tsoon\ta\tb', 'line 1 must have a number'],
    ['hello world', 'line 1 must have 6 or 7'],
  ])('refuses %j', (content, message) => {
    expect(() => CookieJar.fromNetscape(content)).toThrow(TypeError);
    expect(() => CookieJar.fromNetscape(content)).toThrow(message);
  });

  it.each([
    'example.com\tFALSE\t/\tFALSE\t0\ta\tb\rSet-Cookie: x',
    'example.com\tFALSE\t/\tFALSE\t0\ta;x\tb',
    'example.com\tFALSE\t/\tFALSE\t0\t__Host-a\tb',
    'exa mple.com\tFALSE\t/\tFALSE\t0\ta\tb',
    'none\tFALSE\tnone\tFALSE\t0\ta\tb',
  ])('refuses the cookie in %j', (line) => {
    expect(() => CookieJar.fromNetscape(line)).toThrow(InvalidCookieError);
  });

  it('writes no cookie whose tab would forge a column', () => {
    const jar = new CookieJar(clock);
    jar.setCookie('a=b\tc', U);
    jar.setCookie('d=e', U);
    expect([...CookieJar.fromNetscape(jar.toNetscape(), clock)].map(({ name }) => name)).toEqual(['d']);
  });
});

describe('storage state', () => {
  it('keeps everything it has a member for', () => {
    fc.assert(
      fc.property(filled, (jar) => {
        const back = CookieJar.fromStorageState(JSON.parse(JSON.stringify(jar.toStorageState())), clock);
        const lossy = (cookie: CookieRecord): object => ({
          ...cookie,
          sameSite: cookie.sameSite ?? 'lax',
          partitioned: false,
          created: NOW,
        });
        expect([...back]).toEqual([...jar].map(lossy));
      }),
    );
  });

  it('is what Playwright writes, and gives back what it does not know', () => {
    const state = {
      cookies: [
        {
          name: 'a',
          value: '1',
          domain: '.example.com',
          path: '/',
          expires: NOW / 1000 + 9.5,
          httpOnly: true,
          secure: true,
          sameSite: 'None',
          partitionKey: 'https://example.com',
        },
        {
          name: 'b',
          value: '2',
          domain: 'example.com',
          path: '/x',
          expires: -1,
          httpOnly: false,
          secure: false,
          sameSite: 'Lax',
        },
      ],
      origins: [{ origin: 'https://example.com', localStorage: [{ name: 'k', value: 'v' }] }],
      credentials: { any: 'thing' },
    };
    const jar = CookieJar.fromStorageState(state, clock);
    expect(jar.toStorageState()).toEqual(state);
    expect(jar.clone().toStorageState()).toEqual(state);
    expect(jar.getCookieString('https://example.com/x')).toBe('b=2; a=1');
    expect(new CookieJar().toStorageState()).toEqual({ cookies: [], origins: [] });
  });

  it('keeps a cookie of another partition without sending it', () => {
    const cookie = {
      name: 'a',
      value: '1',
      domain: 'example.com',
      path: '/',
      secure: true,
      sameSite: 'None',
    };
    const cookies = [
      { ...cookie, partitionKey: 'https://other.com' },
      { ...cookie, value: '2', partitionKey: 'https://w.example.com' },
    ];
    const jar = CookieJar.fromStorageState({ cookies });
    expect(jar.size).toBe(2);
    expect(jar.getCookieString('https://example.com/')).toBe('a=2');
  });

  it('reads None without Secure, which Firefox writes for no attribute, as no attribute', () => {
    const cookie = {
      name: 'a',
      value: '1',
      domain: 'example.com',
      path: '/',
      sameSite: 'None',
      secure: false,
    };
    expect(CookieJar.fromStorageState({ cookies: [cookie] }).get('a')?.sameSite).toBeNull();
  });

  it.each([
    [undefined, 'state must be an object, got undefined'],
    [{}, 'state.cookies must be an array, got undefined'],
    [{ cookies: [{ name: 'a', domain: 'a.b' }] }, 'state.cookies[0].name must be'],
    [
      { cookies: [{ name: 'a', value: '', domain: 'a.b', path: '/', sameSite: 'lax' }] },
      "state.cookies[0].sameSite must be 'Strict', 'Lax' or 'None', got string",
    ],
  ])('refuses %j', (state, message) => {
    expect(() => CookieJar.fromStorageState(state)).toThrow(TypeError);
    if (message.includes('sameSite')) expect(() => CookieJar.fromStorageState(state)).toThrow(message);
  });
});

describe('tough-cookie', () => {
  it('gives its cookies, dead ones aside, with what it knows of them', () => {
    const tough = new ToughJar();
    tough.setCookieSync('a=1; Path=/x; HttpOnly; Secure; SameSite=Strict', U);
    tough.setCookieSync('b=2; Domain=example.com; Max-Age=60; Partitioned; Secure', U);
    tough.setCookieSync('c=3; Max-Age=0', U);
    tough.setCookieSync('d=; Expires=Fri, 31 Dec 2099 00:00:00 GMT', 'http://[::1]/');
    const now = Date.now();
    const jar = CookieJar.fromTough(tough, { now: () => now });
    expect([...jar].map(({ created, expires, ...rest }) => rest)).toEqual([
      {
        name: 'a',
        value: '1',
        domain: 'app.example.com',
        hostOnly: true,
        path: '/x',
        secure: true,
        httpOnly: true,
        sameSite: 'strict',
        partitioned: false,
        partitionKey: null,
      },
      {
        name: 'b',
        value: '2',
        domain: 'example.com',
        hostOnly: false,
        path: '/',
        secure: true,
        httpOnly: false,
        sameSite: null,
        partitioned: true,
        partitionKey: null,
      },
      {
        name: 'd',
        value: '',
        domain: '[::1]',
        hostOnly: true,
        path: '/',
        secure: false,
        httpOnly: false,
        sameSite: null,
        partitioned: false,
        partitionKey: null,
      },
    ]);
    expect(jar.get('b')?.expires).toBeGreaterThan(Date.now() + 50_000);
    expect([...CookieJar.fromJSON(JSON.parse(JSON.stringify(tough)), { now: () => now })]).toEqual([...jar]);
  });

  it('takes ours and sends the same', () => {
    const jar = new CookieJar();
    jar.setCookie('a=1; Path=/x; Secure', U);
    jar.setCookie('b=2; Domain=example.com; Max-Age=600', U);
    jar.setCookie('c=3', 'http://[::1]/');
    const tough = jar.toTough();
    for (const url of [U, `${U}x`, 'https://example.com/', 'http://[::1]/', 'http://example.com/']) {
      expect(tough.getCookieStringSync(url)).toBe(jar.getCookieString(url));
    }
    expect([...CookieJar.fromTough(tough)].map(({ name, expires }) => [name, expires])).toEqual(
      [...jar].map(({ name, expires }) => [name, expires]),
    );
  });

  it('is taken with more cookies than its own import survives', () => {
    const jar = new CookieJar({
      limits: { perHost: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY },
    });
    for (let i = 0; i < 12_000; i++) jar.setCookie(`n${i}=1`, `https://h${i % 100}.test/`);
    const options = { limits: { perHost: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY } };
    expect(CookieJar.fromTough(jar.toTough(), options).size).toBe(12_000);
  });

  it('is refused when it is something else', () => {
    expect(() => CookieJar.fromTough({} as ToughJar)).toThrow(
      new TypeError('jar must be a tough-cookie CookieJar, got object'),
    );
  });
});
