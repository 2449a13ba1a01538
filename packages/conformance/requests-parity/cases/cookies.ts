import { redirect, respond } from '@httpsession/testing';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const setting = (...lines: string[]) =>
  respond({ headers: lines.map((line): [string, string] => ['set-cookie', line]) });

const headers = ['cookie'];

/** C: cookies. */
export const cookieCases: readonly ParityCase[] = [
  {
    id: 'C01',
    rows: [43],
    title: 'cookies of a 302, a 401 and a 500 are kept; each response tells its own',
    want: '=',
    headers,
    script: ({ a }) => {
      a.route('/302', redirect(302, '/500', { headers: { 'set-cookie': 'r=1; Path=/' } }));
      a.route('/401', respond({ status: 401, headers: { 'set-cookie': 'u=1; Path=/' } }));
      a.route('/500', respond({ status: 500, headers: { 'set-cookie': 'e=1; Path=/' } }));
    },
    python: `
s = requests.Session()
s.get(A + '/401')
r = s.get(A + '/302')
s.get(A + '/end')
out = [r.cookies.get_dict(), r.history[0].cookies.get_dict(), s.cookies.get_dict()]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: null });
      await s.get(a.url('/401'));
      const r = await s.get(a.url('/302'));
      await s.get(a.url('/end'));
      const own = (response: typeof r | undefined) =>
        Object.fromEntries([...(response?.cookies ?? [])].map(({ name, value }) => [name, value]));
      return [own(r), own(r.history[0]), s.cookies.toObject()];
    },
  },
  {
    id: 'C02',
    rows: [44, 45],
    title: "a call's cookie replaces the jar's of the same name",
    want: '>',
    reason: 'requests sends both: a=1; a=9',
    headers,
    script: ({ a }) => {
      a.route('/set', setting('a=1; Path=/'));
    },
    python: `
s = requests.Session()
s.get(A + '/set')
s.get(A + '/', cookies={'a': '9'})
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/set'));
      await s.get(a.url('/'), { cookies: { a: '9' } });
      await s.get(a.url('/'));
    },
    expected: {
      log: {
        a: [
          ['GET', '/set', {}, '', 1],
          ['GET', '/', { cookie: 'a=9' }, '', 1],
          ['GET', '/', { cookie: 'a=1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'C03',
    rows: [5, 44],
    title: "a call's cookies are not kept by the session",
    want: '=',
    headers,
    python: `
s = requests.Session()
s.cookies.set('a', '1')
s.get(A + '/', cookies={'a': '9'})
s.get(A + '/')
out = s.cookies.get_dict()`,
    ours: async ({ session, a }) => {
      const s = session();
      s.cookies.set('a', '1', { url: a.origin });
      await s.get(a.url('/'), { cookies: { a: '9' } });
      await s.get(a.url('/'));
      return s.cookies.toObject();
    },
  },
  {
    id: 'C04',
    rows: [46],
    title: 'an explicit Cookie header is sent beside the jar, and stays on its origin’s hops',
    want: '>',
    reason: 'requests forgets the jar on the first hop and the header on the second',
    headers,
    script: ({ a }) => {
      a.route('/set', setting('j=1; Path=/'));
      a.route('/302', redirect(302, '/end'));
    },
    python: `
s = requests.Session()
s.get(A + '/set')
s.get(A + '/302', headers={'Cookie': 'x=1'})`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/set'));
      await s.get(a.url('/302'), { headers: { cookie: 'x=1' } });
    },
    expected: {
      log: {
        a: [
          ['GET', '/set', {}, '', 1],
          ['GET', '/302', { cookie: 'j=1; x=1' }, '', 1],
          ['GET', '/end', { cookie: 'j=1; x=1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'C06',
    rows: [47],
    title: 'paths match by segments, and a Path that is none means the default path',
    want: '>',
    reason:
      'requests stores Path=nope as it is and never sends that cookie (RFC 6265 5.2.4 says default path)',
    headers,
    script: ({ a }) => {
      a.route('/a/b/set', setting('d=1', 'p=1; Path=/a', 'z=1; Path=/zzz', 'n=1; Path=nope'));
    },
    python: `
s = requests.Session()
s.get(A + '/a/b/set')
for p in ('/', '/a', '/a/', '/ab', '/a/b', '/a/b/c', '/zzz', '/zzz/y'):
    s.get(A + p)`,
    ours: async ({ session, a }) => {
      const s = session();
      for (const path of ['/a/b/set', '/', '/a', '/a/', '/ab', '/a/b', '/a/b/c', '/zzz', '/zzz/y'])
        await s.get(a.url(path));
    },
    expected: {
      log: {
        a: [
          ['GET', '/a/b/set', {}, '', 1],
          ['GET', '/', {}, '', 1],
          ['GET', '/a', { cookie: 'p=1' }, '', 1],
          ['GET', '/a/', { cookie: 'p=1' }, '', 1],
          ['GET', '/ab', {}, '', 1],
          ['GET', '/a/b', { cookie: 'd=1; n=1; p=1' }, '', 1],
          ['GET', '/a/b/c', { cookie: 'd=1; n=1; p=1' }, '', 1],
          ['GET', '/zzz', { cookie: 'z=1' }, '', 1],
          ['GET', '/zzz/y', { cookie: 'z=1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'C07',
    rows: [47],
    title:
      'a __Host- cookie without Secure is refused, and Secure ones are sent where http is as safe: to loopback',
    want: '>',
    reason:
      'requests accepts the prefix without its conditions (RFC 6265bis 5.6), and sends no Secure cookie to a local server',
    headers,
    script: ({ a }) => {
      a.route(
        '/set',
        setting(
          'h=1; HttpOnly; Path=/',
          'l=1; SameSite=Lax; Path=/',
          '__Host-x=1; Path=/',
          's=1; Secure; Path=/',
        ),
      );
    },
    python: `
s = requests.Session()
s.get(A + '/set')
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/set'));
      await s.get(a.url('/'));
    },
    expected: {
      log: {
        a: [
          ['GET', '/set', {}, '', 1],
          ['GET', '/', { cookie: 'h=1; l=1; s=1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'C09',
    rows: [47],
    title: 'a cookie belongs to the host, whatever the port',
    want: '=',
    uses: ['a', 'b'],
    headers,
    script: ({ a }) => {
      a.route('/set', setting('a=1; Path=/'));
    },
    python: `
s = requests.Session()
s.get(A + '/set')
s.get(B + '/')`,
    ours: async ({ session, a, b }) => {
      const s = session();
      await s.get(a.url('/set'));
      await s.get(b.url('/'));
    },
  },
  {
    id: 'C10',
    rows: [47],
    title: 'the cookie of the longer path goes first',
    want: '=',
    headers,
    script: ({ a }) => {
      a.route(
        '/x/y/set',
        setting('root=1; Path=/', 'deep=1; Path=/x/y', 'mid=1; Path=/x', 'root2=1; Path=/'),
      );
    },
    python: `
s = requests.Session()
s.get(A + '/x/y/set')
s.get(A + '/x/y/z')`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/x/y/set'));
      await s.get(a.url('/x/y/z'));
    },
  },
  {
    id: 'C12',
    rows: [48],
    title: 'a cookie set by hand names its host',
    want: '>',
    reason: 'requests sends a cookie without domain to every host (python/cpython#92076)',
    uses: ['a', 'b'],
    headers,
    python: `
s = requests.Session()
out = failure(lambda: s.cookies.set('token', '1'))
s.get(A + '/')
s.get(B.replace('127.0.0.1', 'localhost') + '/')`,
    ours: async ({ session, a, b }) => {
      const s = session();
      const outcome = await failure(() => s.cookies.set('token', '1'));
      await s.get(a.url('/'));
      await s.get(b.url('/').replace('127.0.0.1', 'localhost'));
      return outcome;
    },
    expected: { outcome: 'type-error', log: { a: [['GET', '/', {}, '', 1]], b: [['GET', '/', {}, '', 1]] } },
  },
  {
    id: 'C13',
    rows: [44, 63],
    title: "a call's cookies do not follow a redirect to another host",
    want: '>',
    reason: 'requests sends them to whatever host the redirect names',
    uses: ['a', 'proxy'],
    headers,
    script: ({ a, proxy }) => {
      a.route('/r', redirect(302, 'http://evil.test/'));
      proxy.map('evil.test', a.origin);
    },
    python: `requests.get(A + '/r', cookies={'tok': '1'}, proxies={'http://evil.test': P})`,
    ours: ({ session, a, proxy }) =>
      session().get(a.url('/r'), {
        cookies: { tok: '1' },
        proxy: ({ hostname }) => (hostname === 'evil.test' ? proxy.origin : null),
      }),
    expected: { log: { proxy: [['GET', 'http://evil.test/', {}, '', 1]] } },
  },
  {
    id: 'C15',
    rows: [49],
    title: 'cookies of one name are told apart by domain, and can be deleted and cleared',
    want: '~',
    python: `
j = requests.cookies.RequestsCookieJar()
j.set('n', '1', domain='a.test', path='/')
j.set('n', '2', domain='b.test', path='/')
j.set('m', '3', domain='a.test', path='/')
out = [len(j), j.get('n', domain='a.test'), j.get('n', domain='b.test'), 'n' in j]
j.clear(domain='a.test', path='/', name='n')
out += [len(j), j.get('n')]
j.clear()
out += [len(j)]`,
    ours: ({ session }) => {
      const { cookies } = session();
      cookies.set('n', '1', { domain: 'a.test' });
      cookies.set('n', '2', { domain: 'b.test' });
      cookies.set('m', '3', { domain: 'a.test' });
      const outcome: unknown[] = [
        cookies.size,
        cookies.get('n', { domain: 'a.test' })?.value,
        cookies.get('n', { domain: 'b.test' })?.value,
        cookies.has('n'),
      ];
      cookies.delete('n', { domain: 'a.test' });
      outcome.push(cookies.size, cookies.get('n')?.value);
      cookies.clear();
      return [...outcome, cookies.size];
    },
    meaning: ({ outcome }) => outcome,
  },
  {
    id: 'C16',
    rows: [47, 49],
    title: 'a cookie set again keeps its place',
    want: '=',
    headers,
    script: ({ a }) => {
      a.route('/set', setting('a=1; Path=/', 'b=2; Path=/', 'a=3; Path=/'));
    },
    python: `
s = requests.Session()
s.get(A + '/set')
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/set'));
      await s.get(a.url('/'));
    },
  },
  {
    id: 'C17',
    rows: [43, 52],
    title: 'cookies of a 503 that is retried are kept and sent with the next attempt',
    want: '>',
    reason: 'urllib3 retries below the jar, and those cookies are lost',
    headers,
    script: ({ a }) => {
      a.route('/', [
        respond({ status: 503, headers: { 'set-cookie': 'lb=1; Path=/', 'retry-after': '0' } }),
        respond(200),
      ]);
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
s.get(A + '/')`,
    ours: ({ session, a }) => session({ retry: { limit: 1, backoff: { base: 0 } } }).get(a.url('/')),
    expected: {
      log: {
        a: [
          ['GET', '/', {}, '', 1],
          ['GET', '/', { cookie: 'lb=1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'C19',
    rows: [47],
    title: 'Domain=localhost works on localhost',
    want: '>',
    reason: 'requests never returns a cookie with Domain=localhost',
    headers,
    script: ({ a }) => {
      a.route('/set', setting('d=1; Domain=localhost; Path=/', 'h=1; Path=/'));
    },
    python: `
s = requests.Session()
u = A.replace('127.0.0.1', 'localhost')
s.get(u + '/set')
s.get(u + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/set').replace('127.0.0.1', 'localhost'));
      await s.get(a.url('/').replace('127.0.0.1', 'localhost'));
    },
    expected: {
      log: {
        a: [
          ['GET', '/set', {}, '', 1],
          ['GET', '/', { cookie: 'd=1; h=1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'C20',
    rows: [47, 49],
    title: 'an expired cookie is neither sent nor shown',
    want: '>',
    reason: 'requests goes on listing it in the jar (psf/requests#2522)',
    headers,
    script: ({ a }) => {
      a.route('/set', setting('a=1; Path=/; Max-Age=1'));
    },
    python: `
s = requests.Session()
s.get(A + '/set')
time.sleep(2.1)
s.get(A + '/')
out = list(s.cookies.get_dict())`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/set'));
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await s.get(a.url('/'));
      return Object.keys(s.cookies.toObject());
    },
    expected: {
      outcome: [],
      log: {
        a: [
          ['GET', '/set', {}, '', 1],
          ['GET', '/', {}, '', 1],
        ],
      },
    },
  },
  {
    id: 'C22',
    rows: [46],
    title: "a Cookie header and the call's cookies are merged",
    want: '>',
    reason: 'requests drops the cookies when the header is given',
    headers,
    python: `requests.get(A + '/', cookies={'c': '1'}, headers={'Cookie': 'h=2'})`,
    ours: ({ session, a }) => session().get(a.url('/'), { cookies: { c: '1' }, headers: { cookie: 'h=2' } }),
    expected: { log: { a: [['GET', '/', { cookie: 'h=2; c=1' }, '', 1]] } },
  },
  {
    id: 'C23',
    rows: [51, 134],
    title: 'a cookie value cannot become two cookies or a header',
    want: '>',
    reason: 'requests sends a;b=c as two cookies and leaks ValueError and UnicodeEncodeError',
    headers,
    python: `
out = [failure(lambda: requests.get(A + '/', cookies={'x': v})) for v in ('plain', 'a;b=c', '\\u2603', 'a\\r\\nb: c')]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const x of ['plain', 'a;b=c', '☃', 'a\r\nb: c'])
        outcomes.push(await failure(() => session().get(a.url('/'), { cookies: { x } })));
      return outcomes;
    },
    expected: {
      outcome: ['none: 200', 'invalid-cookie', 'invalid-cookie', 'invalid-cookie'],
      log: { a: [['GET', '/', { cookie: 'x=plain' }, '', 1]] },
    },
  },
];
