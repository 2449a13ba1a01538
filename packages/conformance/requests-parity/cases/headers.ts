import { redirect, respond } from '@httpsession/testing';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

/** H: headers. */
export const headerCases: readonly ParityCase[] = [
  {
    id: 'H01',
    rows: [4],
    title: 'a request without options says who asks and accepts anything',
    want: '~',
    headers: ['user-agent', 'accept', 'accept-language', 'sec-fetch-mode', 'host'],
    python: `requests.Session().get(A + '/')`,
    ours: ({ session, a }) => session().get(a.url('/')),
    meaning: ({ log }) =>
      log.a?.map(([method, target, headers]) => [
        method,
        target,
        Object.keys(headers),
        headers.accept,
        headers.host,
        headers['user-agent']?.replace(/^(?:python-requests|httpsession)\/x\.y\.z$/, 'name/version'),
      ]),
  },
  {
    id: 'H03',
    rows: [2, 16],
    title: "a call's null removes the session's header, whatever its case",
    want: '=',
    headers: ['foo'],
    python: `
s = requests.Session()
s.headers['foo'] = 'bar'
s.get(A + '/', headers={'FOO': None})
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      s.headers.set('foo', 'bar');
      await s.get(a.url('/'), { headers: { FOO: null } });
      await s.get(a.url('/'));
    },
  },
  {
    id: 'H04',
    rows: [2, 5, 16],
    title: 'a header that the session suppresses can be given by a call',
    want: '=',
    headers: ['accept'],
    python: `
s = requests.Session()
s.headers['Accept'] = None
s.get(A + '/')
s.get(A + '/', headers={'accept': 'text/x'})`,
    ours: async ({ session, a }) => {
      const s = session({ headers: { Accept: null } });
      await s.get(a.url('/'));
      await s.get(a.url('/'), { headers: { accept: 'text/x' } });
    },
  },
  {
    id: 'H05',
    rows: [17],
    title: 'null really removes User-Agent and Accept-Encoding',
    want: '>',
    reason: 'requests leaves both to http.client and urllib3, which add their own',
    headers: ['user-agent', 'accept-encoding'],
    python: `requests.get(A + '/', headers={'User-Agent': None, 'Accept-Encoding': None})`,
    ours: ({ session, a }) =>
      session().get(a.url('/'), { headers: { 'user-agent': null, 'accept-encoding': null } }),
    expected: { log: { a: [['GET', '/', {}, '', 1]] } },
  },
  {
    id: 'H07',
    rows: [18],
    title: 'header names and values that would break the message are refused with one typed error',
    want: '>',
    reason: 'requests lets NUL in a value and a space in a name through to the wire',
    headers: [],
    python: `
def t(name, value):
    return failure(lambda: requests.get(A + '/', headers={name: value}))
out = [t('x', 'a\\r\\nb: c'), t('x', 'a\\nb'), t('x', 'a '), t('x', ''), t('x', 'a\\0b'), t('a b', 'x'), t('a:b', 'x'), t('', 'x')]`,
    ours: async ({ session, a }) => {
      const s = session();
      const given = [
        ['x', 'a\r\nb: c'],
        ['x', 'a\nb'],
        ['x', 'a '],
        ['x', ''],
        ['x', 'a\0b'],
        ['a b', 'x'],
        ['a:b', 'x'],
        ['', 'x'],
      ] as const;
      const outcomes: string[] = [];
      for (const [name, value] of given) {
        outcomes.push(await failure(() => s.get(a.url('/'), { headers: [[name, value]] })));
      }
      return outcomes;
    },
    expected: {
      outcome: [
        'invalid-header',
        'invalid-header',
        'none: 200',
        'none: 200',
        'invalid-header',
        'invalid-header',
        'invalid-header',
        'invalid-header',
      ],
    },
  },
  {
    id: 'H08',
    rows: [19, 134],
    title: 'a header value beyond Latin-1 is a typed error, within it goes out as one byte',
    want: '>',
    reason: 'requests leaks UnicodeEncodeError',
    headers: ['x-a'],
    python: `out = [failure(lambda: requests.get(A + '/', headers={'X-A': v})) for v in ('\\u20ac', '\\xe9')]`,
    ours: async ({ session, a }) => {
      const s = session();
      return [
        await failure(() => s.get(a.url('/'), { headers: { 'X-A': '€' } })),
        await failure(() => s.get(a.url('/'), { headers: { 'X-A': 'é' } })),
      ];
    },
    expected: { outcome: ['invalid-header', 'none: 200'], log: { a: [['GET', '/', { 'x-a': 'é' }, '', 1]] } },
  },
  {
    id: 'H09',
    rows: [22, 63],
    title: 'a Host header stays with its first server',
    want: '>',
    reason: 'requests sends it to the redirect target of another origin too (psf/requests#5196)',
    uses: ['a', 'b'],
    headers: ['host'],
    script: ({ a, b }) => {
      a.otherwise(redirect(302, b.url('/t')));
    },
    python: `requests.get(A + '/', headers={'Host': 'virtual.test'})`,
    ours: ({ session, a }) => session().get(a.url('/'), { headers: { host: 'virtual.test' } }),
    expected: {
      log: {
        a: [['GET', '/', { host: 'virtual.test' }, '', 1]],
        b: [['GET', '/t', { host: '{B.host}' }, '', 1]],
      },
    },
  },
  {
    id: 'H10',
    rows: [20, 43],
    title: 'repeated response headers are joined, and each Set-Cookie stays one cookie, commas and all',
    want: '~',
    script: ({ a }) => {
      a.route('/', [
        respond({
          headers: [
            ['x-a', '1'],
            ['x-a', '2'],
            ['set-cookie', 'one=1; Expires=Wed, 01 Jan 2070 00:00:00 GMT'],
            ['set-cookie', 'two=2'],
          ],
        }),
        respond(),
      ]);
    },
    python: `
s = requests.Session()
r = s.get(A + '/')
out = {'x': r.headers['X-A'], 'jar': s.cookies.get_dict(), 'lines': len(r.raw.headers.getlist('set-cookie'))}
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      const { headers } = await s.get(a.url('/'));
      const outcome = {
        x: headers.get('X-A'),
        jar: s.cookies.toObject(),
        lines: headers.getSetCookie().length,
      };
      await s.get(a.url('/'));
      return outcome;
    },
    meaning: (record) => record,
  },
  {
    id: 'H11',
    rows: [21],
    title: 'nobody frames a message but the transport: a Content-Length with a stream is refused',
    want: '>',
    reason: 'requests sends Content-Length and Transfer-Encoding: chunked together (request smuggling)',
    headers: ['content-length', 'transfer-encoding'],
    script: ({ a }) => {
      a.otherwise({
        sequence: [{ at: 'headers' }, { respond: { status: 400 } }, { close: { linger: false } }],
      });
    },
    python: `
def body():
    yield b'hello'
out = failure(lambda: requests.post(A + '/', data=body(), headers={'Content-Length': '5'}))`,
    ours: ({ session, a }) =>
      failure(() =>
        session().post(a.url('/'), {
          body: (function* () {
            yield 'hello';
          })(),
          headers: { 'content-length': '5' },
        }),
      ),
    expected: { outcome: 'invalid-header', log: { a: [] } },
  },
  {
    id: 'H14',
    rows: [15, 16],
    title: 'of two spellings of one header name the last wins',
    want: '=',
    headers: ['x-a'],
    python: `requests.get(A + '/', headers=requests.structures.CaseInsensitiveDict([('x-a', '1'), ('X-A', '2')]))`,
    ours: ({ session, a }) => session().get(a.url('/'), { headers: { 'x-a': '1', 'X-A': '2' } }),
  },
  {
    id: 'H17',
    rows: [60],
    title:
      "a session's Authorization goes to a server asked directly, and not to a redirect target elsewhere",
    want: '=',
    uses: ['a', 'b'],
    script: ({ a, b }) => {
      a.route('/r', redirect(302, b.url('/t')));
    },
    python: `
s = requests.Session()
s.headers['Authorization'] = 'Secret 1'
s.get(B + '/direct')
s.get(A + '/r')`,
    ours: async ({ session, a, b }) => {
      const s = session({ headers: { authorization: 'Secret 1' } });
      await s.get(b.url('/direct'));
      await s.get(a.url('/r'));
    },
  },
];
