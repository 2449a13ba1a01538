import { redirect, respond } from '@httpsession/testing';
import { failure, seen } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const SPECIAL = ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~é☃';

/** P: URLs and parameters. */
export const urlCases: readonly ParityCase[] = [
  {
    id: 'P02',
    rows: [3, 28],
    title: "a call's params are merged with the session's, in every form they are given in",
    want: '>',
    reason: 'requests drops the session’s params when a call gives a list or a string',
    python: `
s = requests.Session()
s.params = {'a': '1'}
s.get(A + '/', params=[('b', '1'), ('b', '2')])
s.get(A + '/', params='x=y z')
s.get(A + '/', params=[])`,
    ours: async ({ session, a }) => {
      const s = session({ params: { a: 1 } });
      await s.get(a.url('/'), {
        params: [
          ['b', 1],
          ['b', 2],
        ],
      });
      await s.get(a.url('/'), { params: 'x=y z' });
      await s.get(a.url('/'), { params: [] });
    },
    expected: {
      log: {
        a: [
          ['GET', '/?a=1&b=1&b=2', {}, '', 1],
          ['GET', '/?a=1&x=y+z', {}, '', 1],
          ['GET', '/?a=1', {}, '', 1],
        ],
      },
    },
  },
  {
    id: 'P03',
    rows: [28],
    title:
      'lists repeat a name, nulls in them are dropped, an empty list is nothing, an empty text is a value',
    want: '=',
    python: `requests.get(A + '/', params={'a': [1, None, 2], 'b': [], 'c': '', 'd': ('x', 'y')})`,
    ours: ({ session, a }) =>
      session().get(a.url('/'), { params: { a: [1, null, 2], b: [], c: '', d: ['x', 'y'] } }),
  },
  {
    id: 'P05',
    rows: [29],
    title: 'every character of a value arrives, in form encoding',
    want: '~',
    python: `requests.get(A + '/', params={'v': ${JSON.stringify(SPECIAL)}})`,
    ours: ({ session, a }) => session().get(a.url('/'), { params: { v: SPECIAL } }),
    meaning: ({ log }) => log.a?.map(([, target]) => new URLSearchParams(target.slice(2)).get('v')),
  },
  {
    id: 'P06',
    rows: [29],
    title: "params follow the URL's own query, which stays as it is",
    want: '=',
    python: `
for path in ('/?x=1', '/?', '/?x&', '/?a=1', '/p?x=1#frag'):
    requests.Session().get(A + path, params={'a': 'b'})`,
    ours: async ({ session, a }) => {
      for (const path of ['/?x=1', '/?', '/?x&', '/?a=1', '/p?x=1#frag']) {
        await session().get(a.url(path), { params: { a: 'b' } });
      }
    },
  },
  {
    id: 'P08',
    rows: [26],
    title: 'slashes in a path stay',
    want: '=',
    python: `
s = requests.Session()
for path in ('//evil/x', '/a//b'):
    s.get(A + path)`,
    ours: async ({ session, a }) => {
      const s = session();
      for (const path of ['//evil/x', '/a//b']) await s.get(a.url(path));
    },
  },
  {
    id: 'P09',
    rows: [26],
    title: 'paths go out as WHATWG URLs write them, so that a signed URL stays signed',
    want: '>',
    reason:
      'requests re-escapes: %7E becomes ~, %c3 becomes %C3, an invalid %zz becomes %25zz (psf/requests#4003)',
    python: `
s = requests.Session()
for path in ('/a\\\\b', '/a|b', '/%7Ea', '/%c3%a9', '/%zz', '/a[b]', '/a/%2e%2e/b', '/a/../b', '/é x'):
    s.get(A + path)`,
    ours: async ({ session, a }) => {
      const s = session();
      for (const path of [
        '/a\\b',
        '/a|b',
        '/%7Ea',
        '/%c3%a9',
        '/%zz',
        '/a[b]',
        '/a/%2e%2e/b',
        '/a/../b',
        '/é x',
      ])
        await s.get(a.url(path));
    },
    expected: {
      log: {
        a: [
          ['GET', '/a/b', {}, '', 1],
          ['GET', '/a|b', {}, '', 1],
          ['GET', '/%7Ea', {}, '', 1],
          ['GET', '/%c3%a9', {}, '', 1],
          ['GET', '/%zz', {}, '', 1],
          ['GET', '/a[b]', {}, '', 1],
          ['GET', '/b', {}, '', 1],
          ['GET', '/b', {}, '', 1],
          ['GET', '/%C3%A9%20x', {}, '', 1],
        ],
      },
    },
  },
  {
    id: 'P12',
    rows: [24, 25, 133],
    title: 'what is no http URL fails as such, before anything is sent',
    want: '~',
    python: `
urls = ['', 'no-scheme', '//host/', 'http://', 'http:///path', 'http://:80/', 'http://a:99999/', 'http://a:x/', 'htp://a/', 'ftp://a/']
out = [failure(lambda: requests.get(u)).replace('invalid-scheme', 'invalid-url') for u in urls]`,
    ours: async ({ session }) => {
      const s = session();
      const urls = [
        '',
        'no-scheme',
        '//host/',
        'http://',
        'http:///path',
        'http://:80/',
        'http://a:99999/',
        'http://a:x/',
      ];
      const outcomes: string[] = [];
      for (const url of [...urls, 'htp://a/', 'ftp://a/']) outcomes.push(await failure(() => s.get(url)));
      return outcomes;
    },
    // WHATWG reads `http:///path` as `http://path/`, whose host nobody knows.
    meaning: ({ outcome }) => (outcome as string[]).toSpliced(4, 1),
  },
  {
    id: 'P14',
    rows: [27, 99, 100],
    title: "a URL's user information becomes Basic credentials and is printed nowhere",
    want: '>',
    reason: 'requests keeps the password in response.url and in the text of HTTPError (psf/requests#5021)',
    script: ({ a }) => {
      a.otherwise(respond(401));
    },
    python: `
url = A.replace('http://', 'http://us%40er:p%20w@') + '/401'
r = requests.get(url)
try:
    r.raise_for_status()
except Exception as e:
    out = ['p%20w' in r.url, 'p%20w' in str(e)]`,
    ours: async ({ session, a }) => {
      const response = await session().get(a.url('/401').replace('http://', 'http://us%40er:p%20w@'));
      const error = await session()
        .get(response.finalUrl, { raiseForStatus: true })
        .catch((thrown: unknown) => thrown);
      return [response.finalUrl.includes('p%20w'), String(error).includes('p%20w')];
    },
    expected: {
      outcome: [false, false],
    },
  },
  {
    id: 'P16',
    rows: [30],
    title: "the session's params are not added to a redirect target, and the fragment is carried along",
    want: '=',
    script: ({ a }) => {
      a.route('/1', redirect(302, '/2'));
    },
    python: `
s = requests.Session()
s.params = {'k': '1'}
out = seen(s.get(A + '/1#frag'))['finalUrl']`,
    ours: async ({ session, a }) =>
      (await seen(session({ params: { k: 1 } }).get(a.url('/1#frag')))).finalUrl,
  },
  {
    id: 'P18',
    rows: [23],
    title: 'a URL may be an object and have spaces around it',
    want: '=',
    python: `
requests.get('  ' + A + '/padded')
requests.get((A + '/bytes').encode())`,
    ours: async ({ session, a }) => {
      await session().get(`  ${a.url('/padded')}`);
      await session().get(new URL(a.url('/bytes')));
    },
  },
];
