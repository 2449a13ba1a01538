import { InvalidCookieError } from '@httpsession/core';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { CookieChange } from './cookie-change.ts';
import { CookieJar } from './cookie-jar.ts';

const U = 'https://app.example.com/';

/** A jar with a clock that the test moves. */
function jarAt(
  now: number,
  options: ConstructorParameters<typeof CookieJar>[0] = {},
): { jar: CookieJar; pass(ms: number): void } {
  let time = now;
  return {
    jar: new CookieJar({ ...options, now: () => time }),
    pass(ms) {
      time += ms;
    },
  };
}

describe('set', () => {
  it('sets a host-only cookie for the host of a url', () => {
    const jar = new CookieJar();
    expect(jar.set('a', '1', { url: `${U}deep/page?q` })).toMatchObject({
      domain: 'app.example.com',
      hostOnly: true,
      path: '/',
      secure: true,
    });
    expect(jar.getCookieString(`${U}other`)).toBe('a=1');
    expect(jar.getCookieString('https://x.app.example.com/')).toBe('');
    expect(jar.getCookieString('http://app.example.com/')).toBe('');
  });

  it('sets a cookie for a domain and its subdomains', () => {
    const jar = new CookieJar();
    jar.set('a', '1', { domain: '.Example.COM' });
    expect(jar.getCookieString(U)).toBe('a=1');
    expect(jar.getCookieString('http://example.com/')).toBe('a=1');
    jar.set('b', '2', { domain: 'example.com', hostOnly: true });
    expect(jar.getCookieString(U)).toBe('a=1');
    expect(jar.getCookieString('http://example.com/')).toBe('a=1; b=2');
  });

  it('takes a domain that covers the host of the url, and no other', () => {
    const jar = new CookieJar();
    expect(jar.set('a', '1', { url: U, domain: 'example.com' })).toMatchObject({
      domain: 'example.com',
      hostOnly: false,
    });
    expect(() => jar.set('a', '1', { url: U, domain: 'example.org' })).toThrow(InvalidCookieError);
    expect(() => jar.set('a', '1', { url: U, domain: 'com' })).toThrow(InvalidCookieError);
    expect(() => jar.set('a', '1', { url: U, domain: 'x.app.example.com' })).toThrow(InvalidCookieError);
  });

  it('needs a url or a domain, or a jar that has a url', () => {
    expect(() => new CookieJar().set('a', '1')).toThrow(
      new TypeError('url or domain must be given: the jar has no url of its own'),
    );
    const jar = new CookieJar({ url: U });
    jar.set('a', '1');
    jar.set('b', '2', { domain: 'example.org' });
    expect(jar.getCookieString(U)).toBe('a=1');
    expect(jar.getCookieString('https://example.org/')).toBe('b=2');
  });

  it('reads every way to say an expiry', () => {
    const { jar, pass } = jarAt(1_000_000);
    expect(jar.set('a', '1', { url: U, maxAge: 60 })?.expires).toBe(1_060_000);
    expect(jar.set('b', '1', { url: U, expires: new Date(1_030_000) })?.expires).toBe(1_030_000);
    expect(jar.set('c', '1', { url: U, expires: 1_040_000, maxAge: 50 })?.expires).toBe(1_050_000);
    expect(jar.set('d', '1', { url: U, expires: null })?.expires).toBeNull();
    expect(jar.set('e', '1', { url: U, maxAge: Number.POSITIVE_INFINITY })?.expires).toBe(
      1_000_000 + 400 * 86_400_000,
    );
    pass(45_000);
    expect(jar.getCookieString(U)).toBe('a=1; c=1; d=1; e=1');
    expect(jar.set('a', '', { url: U, maxAge: 0 })).toBeUndefined();
    expect(jar.has('a')).toBe(false);
  });

  it.each(['a b', 'a;b=c', '☃', 'a\r\nSet-Cookie: x', 'a"b', 'a,b', 'a\\b', '"', 'a\0', 'é', '\t'])(
    'refuses the value %j',
    (value) => {
      const jar = new CookieJar();
      expect(() => jar.set('a', value, { url: U })).toThrow(InvalidCookieError);
      expect(jar.size).toBe(0);
    },
  );

  it.each(['', 'a b', 'a=b', 'a;b', 'é', 'a\n', 'a,b', '"a"'])('refuses the name %j', (name) => {
    expect(() => new CookieJar().set(name, '1', { url: U })).toThrow(InvalidCookieError);
  });

  it.each(['', '"quoted"', 'a=b=c', "!#$%&'()*+-./:<=>?@[]^_`{|}~"])('takes the value %j', (value) => {
    const jar = new CookieJar();
    jar.set('a[b]', value, { url: U });
    expect(jar.getCookieString(U)).toBe(`a[b]=${value}`);
  });

  it('shows no value in its errors', () => {
    expect(() => new CookieJar().set('sid', 'secret\r\n', { url: U })).toThrow(
      /^the value of cookie sid holds U\+000D: encode it first$/,
    );
    expect(new CookieJar().getCookieString('nope')).toBe('');
    const jar = new CookieJar();
    jar.set('a', '1', { url: U });
    expect(() => jar.getCookieString('//user:pass@host')).toThrow(
      new TypeError('url must be an absolute URL, got text that is none'),
    );
    expect(() => jar.getCookieString('file:///etc/passwd')).toThrow(
      /must be an http, https, ws or wss URL, got file:/,
    );
  });

  it('keeps to the prefix and attribute rules', () => {
    const jar = new CookieJar();
    expect(() => jar.set('__Host-a', '1', { domain: 'example.com', secure: true })).toThrow(
      /__host- with a Domain/,
    );
    expect(() => jar.set('__secure-a', '1', { url: 'http://example.com/' })).toThrow(/without Secure/);
    expect(() => jar.set('a', '1', { url: 'http://example.com/', sameSite: 'none' })).toThrow(
      /SameSite=None without Secure/,
    );
    expect(jar.set('__Host-a', '1', { url: U })?.name).toBe('__Host-a');
  });

  it.each([
    [{ url: 'nope' }, 'url must be an absolute URL'],
    [{ url: 'ftp://x/' }, 'url must be an http, https, ws or wss URL, got ftp:'],
    [{ url: U, maxAge: Number.NaN }, 'maxAge must be a number of seconds, got NaN'],
    [{ url: U, expires: new Date('x') }, 'expires must be a valid Date'],
    [{ url: U, sameSite: 'Lax' as 'lax' }, "sameSite must be 'strict', 'lax', 'none' or null, got Lax"],
  ])('names the wrong option in %j', (init, message) => {
    expect(() => new CookieJar().set('a', '1', init)).toThrow(TypeError);
    expect(() => new CookieJar().set('a', '1', init)).toThrow(message);
  });

  it.each(['x', '/a;b', '/a\n', '/é', ''])('refuses the path %j', (path) => {
    expect(() => new CookieJar().set('a', '1', { url: U, path })).toThrow(InvalidCookieError);
  });

  it.each(['', '.', 'a b', 'a/b', 'user@host', 'host:80', 'a\tb', 'a#b'])(
    'refuses the domain %j',
    (domain) => {
      expect(() => new CookieJar().set('a', '1', { domain })).toThrow(InvalidCookieError);
    },
  );
});

describe('get, has, delete and clear', () => {
  const filled = (): CookieJar => {
    const jar = new CookieJar();
    jar.set('a', 'root', { url: U });
    jar.set('a', 'deep', { url: U, path: '/deep' });
    jar.set('a', 'parent', { domain: 'example.com' });
    jar.set('b', 'b', { domain: 'example.org' });
    return jar;
  };

  it('tells cookies of one name apart by domain, path and url', () => {
    const jar = filled();
    expect(jar.get('a')?.value).toBe('deep');
    expect(jar.get('a', { path: '/' })?.value).toBe('root');
    expect(jar.get('a', { domain: '.example.com' })?.value).toBe('parent');
    expect(jar.get('a', { url: 'https://x.example.com/' })?.value).toBe('parent');
    expect(jar.get('a', { url: `${U}deep/er` })?.value).toBe('deep');
    expect(jar.get('a', { domain: 'example.org' })).toBeUndefined();
    expect(jar.get('nope')).toBeUndefined();
    expect([jar.has('a'), jar.has('b', { path: '/x' }), jar.has('b')]).toEqual([true, false, true]);
  });

  it('deletes what the filter selects', () => {
    const jar = filled();
    expect(jar.delete('a', { domain: 'app.example.com', path: '/deep' })).toBe(true);
    expect(jar.delete('a', { path: '/deep' })).toBe(false);
    expect(jar.getCookieString(`${U}deep`)).toBe('a=root; a=parent');
    expect(jar.delete('a')).toBe(true);
    expect(jar.size).toBe(1);
  });

  it('clears by domain, path and name, or all', () => {
    const jar = filled();
    jar.clear({ domain: 'app.example.com' });
    expect(jar.size).toBe(2);
    jar.clear({ name: 'b' });
    expect([...jar].map((cookie) => cookie.value)).toEqual(['parent']);
    expect(jar.getCookieString(U)).toBe('a=parent');
    jar.clear();
    expect(jar.size).toBe(0);
    expect(jar.getCookieString(U)).toBe('');
    jar.set('c', '1', { url: U });
    expect(jar.getCookieString(U)).toBe('c=1');
  });

  it('iterates frozen records in an order that stays', () => {
    const jar = filled();
    const values = (): string[] => [...jar].map((cookie) => cookie.value);
    expect(values()).toEqual(['root', 'deep', 'parent', 'b']);
    jar.getCookieString(`${U}deep`);
    jar.set('a', 'new', { url: U });
    expect(values()).toEqual(['new', 'deep', 'parent', 'b']);
    for (const cookie of jar) {
      expect(Object.isFrozen(cookie)).toBe(true);
      expect(() => Object.assign(cookie, { value: 'HACK' })).toThrow(TypeError);
      jar.delete(cookie.name, cookie);
    }
    expect(jar.size).toBe(0);
  });

  it('gives names and values as an object', () => {
    const jar = filled();
    expect({ ...jar.toObject() }).toEqual({ a: 'root', b: 'b' });
    expect({ ...jar.toObject(`${U}deep`) }).toEqual({ a: 'deep' });
    jar.setCookie('__proto__=polluted', U);
    expect(Object.keys(jar.toObject(U))).toContain('__proto__');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('the memoised header', () => {
  it('is the very same string until something changes', () => {
    const jar = new CookieJar();
    jar.setCookie('a=1', U);
    const header = jar.getCookieString(U);
    expect(jar.getCookieString(`${U}?page=2#x`)).toBe(header);
    jar.setCookie('b=2', U);
    expect(jar.getCookieString(U)).toBe('a=1; b=2');
    jar.setCookie('b=3', 'https://example.org/');
    expect(jar.getCookieString(U)).toBe('a=1; b=2');
    jar.delete('a');
    expect(jar.getCookieString(U)).toBe('b=2');
    jar.setCookie('c=3; Domain=example.com', 'https://example.com/');
    expect(jar.getCookieString(U)).toBe('b=2; c=3');
    jar.clear({ domain: 'example.com' });
    expect(jar.getCookieString(U)).toBe('b=2');
  });

  it('notices the first cookie of a site that had none, and the loss of the last', () => {
    const jar = new CookieJar();
    jar.setCookie('x=1', 'https://example.org/');
    expect(jar.getCookieString(U)).toBe('');
    jar.setCookie('a=1', U);
    expect(jar.getCookieString(U)).toBe('a=1');
    jar.delete('a');
    expect(jar.getCookieString(U)).toBe('');
    jar.setCookie('a=2', U);
    expect(jar.getCookieString(U)).toBe('a=2');
  });

  it('drops a cookie at the instant it expires, and no sooner', () => {
    const { jar, pass } = jarAt(0);
    jar.setCookie('a=1; Max-Age=10', U);
    jar.setCookie('b=2; Max-Age=20', U);
    jar.setCookie('c=3', U);
    expect(jar.getCookieString(U)).toBe('a=1; b=2; c=3');
    pass(9_999);
    expect(jar.getCookieString(U)).toBe('a=1; b=2; c=3');
    pass(1);
    expect(jar.getCookieString(U)).toBe('b=2; c=3');
    pass(10_000);
    expect(jar.getCookieString(U)).toBe('c=3');
  });

  it('is not fooled by a renewal to a later, an earlier or no expiry', () => {
    const { jar, pass } = jarAt(0);
    jar.setCookie('a=1; Max-Age=10', U);
    expect(jar.getCookieString(U)).toBe('a=1');
    jar.setCookie('a=1; Max-Age=20', U);
    pass(15_000);
    expect(jar.getCookieString(U)).toBe('a=1');
    jar.setCookie('a=1; Max-Age=2', U);
    pass(2_000);
    expect(jar.getCookieString(U)).toBe('');
    jar.setCookie('a=1; Max-Age=2', U);
    expect(jar.getCookieString(U)).toBe('a=1');
    jar.setCookie('a=1', U);
    pass(100_000);
    expect(jar.getCookieString(U)).toBe('a=1');
  });

  it('never lets reading prolong a cookie', () => {
    const { jar, pass } = jarAt(0);
    jar.setCookie('a=1; Max-Age=60', U);
    for (let i = 0; i < 5; i++) {
      expect(jar.getCookieString(U)).toBe('a=1');
      pass(11_999);
    }
    pass(5);
    expect(jar.getCookieString(U)).toBe('');
  });

  it('follows a cookie that turns Secure and back', () => {
    const jar = new CookieJar();
    const plain = 'http://app.example.com/';
    jar.setCookie('a=1', U);
    expect(jar.getCookieString(plain)).toBe('a=1');
    jar.setCookie('a=1; Secure', U);
    expect(jar.getCookieString(plain)).toBe('');
    jar.setCookie('a=1', U);
    expect(jar.getCookieString(plain)).toBe('a=1');
  });

  it('is kept apart by path once any cookie has one', () => {
    const jar = new CookieJar();
    jar.setCookie('a=1; Path=/', U);
    expect([jar.getCookieString(`${U}x`), jar.getCookieString(`${U}y`)]).toEqual(['a=1', 'a=1']);
    jar.setCookie('b=2; Path=/x', U);
    for (let round = 0; round < 2; round++) {
      expect([jar.getCookieString(`${U}x`), jar.getCookieString(`${U}y`)]).toEqual(['b=2; a=1', 'a=1']);
    }
    jar.delete('b');
    expect([jar.getCookieString(`${U}x`), jar.getCookieString(`${U}y`)]).toEqual(['a=1', 'a=1']);
  });

  it('stays right over more URLs than it remembers', () => {
    const jar = new CookieJar();
    jar.setCookie('a=1; Path=/', U);
    jar.setCookie('b=2; Path=/odd', U);
    for (let i = 0; i < 50_000; i++) {
      const odd = i % 2 === 1;
      if (jar.getCookieString(`${U}${odd ? 'odd' : 'even'}/${i}`) !== (odd ? 'b=2; a=1' : 'a=1'))
        expect.fail(`at ${i}`);
    }
    expect(jar.getCookieString(`${U}${'x'.repeat(5000)}`)).toBe('a=1');
  });
});

describe('limits', () => {
  it('keeps 180 cookies per host, insecure and long unused ones leaving first', () => {
    const jar = new CookieJar();
    jar.setCookie('safe=1; Secure', U);
    for (let i = 0; i < 500; i++) jar.setCookie(`n${i}=1`, U);
    expect(jar.size).toBe(180);
    expect(jar.has('safe')).toBe(true);
    expect(jar.has('n499')).toBe(true);
    expect(jar.has('n320')).toBe(false);
  });

  it('spares the cookies that requests use', () => {
    const jar = new CookieJar({ limits: { perHost: 3 } });
    jar.setCookie('used=1; Path=/', U);
    jar.setCookie('x=1; Path=/x', U);
    jar.setCookie('y=1; Path=/y', U);
    jar.getCookieString(U);
    jar.setCookie('z=1; Path=/z', U);
    expect([...jar].map((cookie) => cookie.name)).toEqual(['used', 'y', 'z']);
  });

  it('keeps to the limit per host while a listener deletes cookies of other hosts', () => {
    const jar = new CookieJar({ limits: { perHost: 2 } });
    for (const name of ['a', 'b', 'c']) jar.setCookie(`${name}=1`, `https://${name}.other.test/`);
    jar.onChange(({ kind, cookie }) => {
      if (kind === 'set') jar.delete(cookie.name, { domain: `${cookie.name}.other.test` });
    });
    for (const name of ['a', 'b', 'c']) jar.setCookie(`${name}=1`, U);
    expect([...jar].map((cookie) => cookie.name)).toEqual(['b', 'c']);
  });

  it('keeps 3000 cookies in all and lets hosts in use keep theirs', () => {
    const jar = new CookieJar();
    jar.setCookie('sid=1', U);
    for (let i = 0; i < 10_000; i++) {
      jar.setCookie('a=1', `https://host${i}.test/`);
      if (i % 100 === 0) expect(jar.getCookieString(U)).toBe('sid=1');
    }
    expect(jar.size).toBe(3000);
    expect(jar.has('sid')).toBe(true);
    expect(jar.has('a', { domain: 'host9999.test' })).toBe(true);
    expect(jar.has('a', { domain: 'host5000.test' })).toBe(false);
  });

  it('drops expired cookies before it evicts living ones', () => {
    const { jar, pass } = jarAt(0, { limits: { total: 3 } });
    jar.setCookie('a=1', 'https://a.test/');
    jar.setCookie('b=1; Max-Age=1', 'https://b.test/');
    jar.setCookie('c=1', 'https://c.test/');
    pass(1000);
    jar.setCookie('d=1', 'https://d.test/');
    expect([...jar].map((cookie) => cookie.name)).toEqual(['a', 'c', 'd']);
  });

  it('does not hurt other hosts when one floods', () => {
    const jar = new CookieJar();
    jar.setCookie('sid=1', 'https://other.test/');
    for (let i = 0; i < 10_000; i++) jar.setCookie(`n${i}=${'x'.repeat(50)}`, U);
    expect(jar.getCookieString('https://other.test/')).toBe('sid=1');
    expect(jar.getCookieString(U).length).toBeLessThanOrEqual(8190);
  });

  it('takes 50 cookies from one response', () => {
    const jar = new CookieJar();
    const fields = Array.from({ length: 60 }, (_, i) => `n${i}=1`);
    expect(jar.setFromResponse(fields, U)).toHaveLength(50);
    expect(jar.setFromResponse([], U)).toEqual([]);
    expect([jar.size, jar.has('n49'), jar.has('n50')]).toEqual([50, true, false]);
  });

  it('passes over refused cookies of a response and returns the stored ones', () => {
    const jar = new CookieJar();
    const stored = jar.setFromResponse(['a=1', 'b=\0', '__Host-c=1', 'a=; Max-Age=0', 'd=1, e=2'], U);
    expect(stored.map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['d', '1, e=2'],
    ]);
    expect(jar.getCookieString(U)).toBe('d=1, e=2');
  });

  it('sends 150 cookies and 8190 octets at most', () => {
    const jar = new CookieJar();
    for (let i = 0; i < 170; i++) jar.setCookie(`n${i}=1; Path=/`, U);
    expect(jar.getCookieString(U).split('; ')).toHaveLength(150);
    const big = new CookieJar();
    for (const name of ['a', 'b', 'c']) big.setCookie(`${name}=${'x'.repeat(4000)}; Path=/`, U);
    big.setCookie('sid=1; Path=/', U);
    expect(big.getCookieString(U)).toBe(`a=${'x'.repeat(4000)}; b=${'x'.repeat(4000)}; sid=1`);
  });

  it('fills the header to the last octet', () => {
    const jar = new CookieJar({ limits: { headerBytes: 8 } });
    jar.setCookie('a=1', U);
    jar.setCookie('b=2', U);
    expect(jar.getCookieString(U)).toBe('a=1; b=2');
    const tight = new CookieJar({ limits: { headerBytes: 7 } });
    tight.setCookie('a=1', U);
    tight.setCookie('b=2', U);
    tight.setCookie('xyz', U);
    expect(tight.getCookieString(U)).toBe('a=1');
    const single = new CookieJar({ limits: { headerBytes: 3 } });
    single.setCookie('xyz', U);
    single.setCookie('a=12', U);
    expect(single.getCookieString(U)).toBe('xyz');
  });

  it('can be lifted', () => {
    const jar = new CookieJar({
      limits: { perHost: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY },
    });
    for (let i = 0; i < 4000; i++) jar.setCookie(`n${i}=1`, U);
    expect(jar.size).toBe(4000);
  });

  it.each([0, -1, 1.5, Number.NaN, '5'])('refuses the limit %j', (total) => {
    expect(() => new CookieJar({ limits: { total: total as number } })).toThrow(
      /^limits\.total must be a whole number of 1 or more or Infinity, got /,
    );
  });
});

describe('expired cookies', () => {
  it('are seen by nothing', () => {
    const { jar, pass } = jarAt(0);
    jar.setCookie('a=1; Max-Age=1', U);
    jar.setCookie('b=1', U);
    pass(1000);
    expect(jar.size).toBe(1);
    expect(jar.has('a')).toBe(false);
    expect(jar.has('a', { domain: 'app.example.com' })).toBe(false);
    expect(jar.toJSON().cookies.map(({ name }) => name)).toEqual(['b']);
    expect({ ...jar.toObject() }).toEqual({ b: '1' });
  });

  it('are reported once, whoever notices', () => {
    const { jar, pass } = jarAt(0);
    const causes: string[] = [];
    jar.onChange((change) => causes.push(`${change.kind} ${change.cookie.name} ${change.cause}`));
    jar.setCookie('a=1; Max-Age=1', U);
    pass(1000);
    expect(jar.getCookieString(U)).toBe('');
    expect(jar.size).toBe(0);
    jar.setCookie('b=1; Max-Age=1', U);
    pass(1000);
    jar.setCookie('b=2', U);
    expect(causes).toEqual([
      'set a response',
      'delete a expired',
      'set b response',
      'delete b expired',
      'set b response',
    ]);
    expect(jar.get('b')?.created).toBe(2000);
  });
});

describe('change events', () => {
  it('tell what happened and why, until unsubscribed', () => {
    const jar = new CookieJar({ limits: { perHost: 1 } });
    const changes: CookieChange[] = [];
    const stop = jar.onChange((change) => changes.push(change));
    jar.setCookie('a=1', U);
    jar.set('a', '2', { url: U });
    jar.setCookie('a=; Max-Age=0', U);
    jar.set('b', '1', { url: 'http://example.org/' });
    jar.set('c', '1', { url: 'http://example.org/' });
    jar.delete('c');
    jar.addAll([{ name: 'd', value: '1', domain: 'd.test', hostOnly: true, path: '/' }]);
    jar.clear();
    stop();
    jar.setCookie('e=1', U);
    expect(
      changes.map(({ kind, cookie, cause }) => `${kind} ${cookie.name}=${cookie.value} ${cause}`),
    ).toEqual([
      'set a=1 response',
      'set a=2 call',
      'delete a=2 response',
      'set b=1 call',
      'set c=1 call',
      'delete b=1 evicted',
      'delete c=1 call',
      'set d=1 import',
      'delete d=1 call',
    ]);
  });

  it('may change the jar from within', () => {
    const jar = new CookieJar();
    jar.onChange(({ kind, cookie }) => {
      if (kind === 'set' && cookie.name === 'bad') jar.delete('bad');
    });
    jar.setCookie('bad=1', U);
    jar.setCookie('good=1', U);
    expect(jar.getCookieString(U)).toBe('good=1');
  });
});

describe('clone', () => {
  it('is deep and keeps order, options and creation times', () => {
    const { jar, pass } = jarAt(5000, { limits: { perHost: 4 } });
    jar.setCookie('a=1', U);
    jar.setCookie('b=1; Domain=example.com', U);
    jar.setCookie('c=1', U);
    pass(1000);
    const copy = jar.clone();
    expect([...copy]).toEqual([...jar]);
    expect(copy.getCookieString(U)).toBe('a=1; b=1; c=1');
    copy.set('a', '2', { url: U });
    copy.delete('b');
    expect(jar.getCookieString(U)).toBe('a=1; b=1; c=1');
    for (let i = 0; i < 9; i++) copy.setCookie(`n${i}=1`, U);
    expect(copy.size).toBe(4);
  });
});

it('treats loopback as any host when told to', () => {
  const jar = new CookieJar({ secureOnLoopback: false });
  expect(() => jar.setCookie('a=1; Secure', 'http://localhost/')).toThrow(InvalidCookieError);
});

it('always answers with a header that can be sent, whatever a server sets', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 30 }), (fields) => {
      const jar = new CookieJar();
      for (const field of fields) jar.setCookie(field, U, { ignoreError: true });
      const header = jar.getCookieString(U);
      // Headers trims white space around a value; the jar must have none there to lose.
      expect(new Headers({ cookie: header }).get('cookie')).toBe(header);
    }),
  );
});

it('takes URL objects', () => {
  const jar = new CookieJar();
  jar.setCookie('a=1', new URL(U));
  expect(jar.getCookieString(new URL(U))).toBe('a=1');
  expectTypeOf(jar.getCookieString(U)).toBeString();
});

it('takes 20,000 cookies at once without recursion', () => {
  const jar = new CookieJar({
    limits: { perHost: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY },
  });
  for (let i = 0; i < 20_000; i++) jar.setCookie(`n${i}=1`, `https://host${i % 1000}.example.com/`);
  const json = JSON.parse(JSON.stringify(jar));
  const options = { limits: { perHost: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY } };
  expect(CookieJar.fromJSON(json, options).size).toBe(20_000);
});

describe('headerFor', () => {
  const host = fc.constantFrom(
    'example.com',
    'app.example.com',
    'x.app.example.com',
    'localhost',
    '127.0.0.1',
  );
  const scheme = fc.constantFrom('http', 'https', 'ws', 'wss');
  const path = fc.constantFrom('/', '/a', '/a/b', '/ab', '/a/b/c?x=1', '/?y#z', '/a#b?c', '/a?b?c');
  const url = fc.tuple(scheme, host, path).map(([s, h, p]) => `${s}://${h}${p}`);
  const field = fc
    .tuple(
      fc.constantFrom('a=1', 'b=2', 'c=3'),
      fc.constantFrom('', '; Path=/', '; Path=/a', '; Path=/a/b'),
      fc.constantFrom('', '; Domain=example.com', '; Secure', '; Max-Age=60', '; Max-Age=0'),
    )
    .map((parts) => parts.join(''));
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), field, url }),
    fc.record({ kind: fc.constant('ask' as const), url }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 60_000) }),
  );

  it('is what getCookieString says of the whole URL, and what a jar says that remembers nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { jar, pass } = jarAt(Date.UTC(2026, 0));
        let now = Date.UTC(2026, 0);
        for (const one of steps) {
          if (one.kind === 'wait') {
            now += one.ms;
            pass(one.ms);
          } else if (one.kind === 'set') jar.setCookie(one.field, one.url, { ignoreError: true });
          else {
            const { protocol, hostname, pathname, search } = new URL(one.url);
            const header = jar.headerFor({ protocol, hostname, path: pathname + search });
            const fresh = CookieJar.fromJSON(jar.toJSON(), { now: () => now });
            expect(header).toBe(fresh.getCookieString(one.url));
            expect(header).toBe(jar.getCookieString(one.url));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('knows one URL by many queries', () => {
    const jar = new CookieJar();
    jar.set('a', '1', { url: U });
    for (let n = 0; n < 100; n++) expect(jar.getCookieString(`${U}page?token=${n}#${n}`)).toBe('a=1');
    jar.set('a', '2', { url: U });
    expect(jar.getCookieString(`${U}page?token=1#1`)).toBe('a=2');
  });
});

describe('options by name', () => {
  it('a misspelt one is refused: the cookie or jar would lack it in silence', () => {
    const jar = new CookieJar();
    expect(() => jar.set('a', '1', { url: U, httponly: true } as object)).toThrow(
      /^cookie\.httponly is not an option; there are url, domain, /,
    );
    expect(jar.size).toBe(0);
    expect(() => new CookieJar({ limit: { total: 1 } } as object)).toThrow(
      /^CookieJar\.limit is not an option/,
    );
    expect(() => new CookieJar({ limits: { perhost: 1 } as object })).toThrow(
      /^limits\.perhost is not an option; there are perHost, /,
    );
  });

  it('a record of another jar is taken as it is', () => {
    const [from, to] = [new CookieJar(), new CookieJar()];
    const record = from.set('a', '1', { domain: 'example.com', path: '/x', secure: true, sameSite: 'lax' });
    if (record === undefined) throw new Error('not set');
    const { created: _, ...rest } = record;
    expect(to.set(record.name, record.value, record)).toMatchObject(rest);
  });
});
