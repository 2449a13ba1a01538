import { redirect, repeated, respond, sequence, sleep } from '@httpsession/testing';
import { RedirectError } from 'httpsession';
import { failure, familyOf, seen } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const STATUSES = [301, 302, 303, 307, 308];
const METHODS = ['POST', 'PUT', 'DELETE', 'HEAD'];

/** R: redirects. */
export const redirectCases: readonly ParityCase[] = [
  {
    id: 'R01',
    rows: [54, 55],
    title: 'methods and bodies after each redirect status are those of fetch',
    want: '>',
    reason:
      'requests drops the body of a PUT after 301 while it stays a PUT, and makes a GET of it after 302 (psf/requests#2590)',
    headers: ['content-type'],
    script: ({ a }) => {
      for (const status of STATUSES) a.route(`/${status}`, redirect(status, '/t'));
    },
    python: `
s = requests.Session()
for status in (301, 302, 303, 307, 308):
    for m in ('POST', 'PUT', 'DELETE', 'HEAD'):
        s.request(m, A + '/%d' % status, data=None if m == 'HEAD' else b'b', headers={'Content-Type': 'text/x'} if m != 'HEAD' else {})
out = None`,
    ours: async ({ session, a }) => {
      const s = session();
      for (const status of STATUSES) {
        for (const method of METHODS) {
          const options = method === 'HEAD' ? {} : { body: 'b', headers: { 'content-type': 'text/x' } };
          await s.request(method, a.url(`/${status}`), options);
        }
      }
      return a.requestsTo('/t').map(({ method, bodyText }) => `${method} ${bodyText}`.trim());
    },
    expected: {
      outcome: [
        ...['GET', 'PUT b', 'DELETE b', 'HEAD'],
        ...['GET', 'PUT b', 'DELETE b', 'HEAD'],
        ...['GET', 'GET', 'GET', 'HEAD'],
        ...['POST b', 'PUT b', 'DELETE b', 'HEAD'],
        ...['POST b', 'PUT b', 'DELETE b', 'HEAD'],
      ],
    },
  },
  {
    id: 'R02',
    rows: [55],
    title: 'what became a GET keeps no header that describes content',
    want: '>',
    reason: 'requests purges only Content-Length, -Type and Transfer-Encoding; WHATWG fetch purges all',
    headers: [
      'content-encoding',
      'content-language',
      'content-location',
      'content-type',
      'range',
      'if-match',
      'x-own',
    ],
    script: ({ a }) => {
      a.route('/302', redirect(302, '/t'));
    },
    python: `
requests.post(A + '/302', data=b'x', headers={'Content-Type': 'text/x', 'Content-Encoding': 'x', 'Content-Language': 'en',
    'Content-Location': '/y', 'Range': 'bytes=0-1', 'If-Match': '"e"', 'X-Own': '1'})`,
    ours: ({ session, a }) =>
      session().post(a.url('/302'), {
        body: 'x',
        headers: {
          'content-type': 'text/x',
          'content-encoding': 'x',
          'content-language': 'en',
          'content-location': '/y',
          range: 'bytes=0-1',
          'if-match': '"e"',
          'x-own': '1',
        },
      }),
    expected: {
      log: {
        a: [
          [
            'POST',
            '/302',
            {
              'content-encoding': 'x',
              'content-language': 'en',
              'content-location': '/y',
              'content-type': 'text/x',
              'if-match': '"e"',
              range: 'bytes=0-1',
              'x-own': '1',
            },
            'x',
            1,
          ],
          ['GET', '/t', { 'if-match': '"e"', range: 'bytes=0-1', 'x-own': '1' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'R03',
    rows: [57],
    title: 'the limit counts redirects: 30 are followed, 0 follows none, the error holds the last response',
    want: '=',
    script: ({ a }) => {
      a.route('/loop', redirect(302, '/loop'));
      a.route('/1', redirect(302, '/2'));
      a.route('/2', redirect(302, '/3'));
    },
    python: `
s = requests.Session()
out = []
for limit, path in ((30, '/loop'), (2, '/loop'), (0, '/loop'), (2, '/1')):
    s.max_redirects = limit
    try:
        r = s.get(A + path)
        out.append([r.status_code, len(r.history)])
    except Exception as e:
        out.append([family_of(e), e.response.status_code, len(e.response.history)])`,
    ours: async ({ session, a }) => {
      const outcomes: unknown[] = [];
      const s = session();
      for (const [max, path] of [
        [30, '/loop'],
        [2, '/loop'],
        [0, '/loop'],
        [2, '/1'],
      ] as const) {
        try {
          const r = await s.get(a.url(path), { redirect: { max } });
          outcomes.push([r.status, r.history.length]);
        } catch (error) {
          if (!(error instanceof RedirectError)) throw error;
          outcomes.push([familyOf(error), error.response?.status, error.history.length]);
        }
      }
      return outcomes;
    },
  },
  {
    id: 'R04',
    rows: [53, 58],
    title: 'a Location may be relative, schemeless or full of spaces and UTF-8; an empty one is not followed',
    want: '~',
    script: ({ a }) => {
      a.route('/dir/rel', redirect(302, 'x?y=1'));
      a.route('/abs', redirect(302, '/z'));
      a.route('/host', redirect(302, `//127.0.0.1:${a.port}/h`));
      a.route('/space', redirect(302, '/a b'));
      a.route('/utf8', redirect(302, Buffer.from('/ü').toString('latin1')));
      a.route('/empty', redirect(302, ''));
      a.route('/300', redirect(300, '/never'));
      a.route('/304', redirect(304, '/never'));
    },
    python: `
s = requests.Session()
out = [s.get(A + p).status_code for p in ('/dir/rel', '/abs', '/host', '/space', '/utf8', '/empty', '/300', '/304')]`,
    ours: async ({ session, a }) => {
      const s = session();
      const statuses: number[] = [];
      for (const path of ['/dir/rel', '/abs', '/host', '/space', '/utf8', '/empty', '/300', '/304'])
        statuses.push((await s.get(a.url(path))).status);
      return statuses;
    },
    meaning: ({ log, outcome }) => [outcome, log.a?.map(([method, target]) => [method, target])],
  },
  {
    id: 'R05',
    rows: [30],
    title: 'a fragment is carried over redirects until a Location brings its own',
    want: '=',
    script: ({ a }) => {
      a.route('/1', redirect(302, '/2'));
      a.route('/2', redirect(302, '/3#rel'));
      a.route('/3', redirect(302, '/4'));
    },
    python: `
r = requests.get(A + '/1#orig')
out = [h.url for h in r.history] + [r.url]`,
    ours: async ({ session, a }) => {
      const r = await session().get(a.url('/1#orig'));
      return [...r.history.map(({ finalUrl }) => finalUrl), r.finalUrl];
    },
  },
  {
    id: 'R06',
    rows: [60],
    title: 'Authorization goes along on its own origin only, and what was dropped is not restored',
    want: '=',
    uses: ['a', 'b'],
    script: ({ a, b }) => {
      a.route('/same', redirect(302, '/t'));
      a.route('/port', redirect(302, b.url('/t')));
      a.route('/name', redirect(302, `http://localhost:${a.port}/t`));
      a.route('/back', redirect(302, b.url('/back')));
      b.route('/back', redirect(302, a.url('/home')));
    },
    python: `
for p in ('/same', '/port', '/name', '/back'):
    requests.Session().get(A + p, headers={'Authorization': 'Secret 1'})`,
    ours: async ({ session, a }) => {
      for (const path of ['/same', '/port', '/name', '/back'])
        await session().get(a.url(path), { headers: { authorization: 'Secret 1' } });
    },
  },
  {
    id: 'R06b',
    rows: [60, 64],
    title: 'a session’s credential applies again when the chain returns to its own origin',
    want: '>',
    reason: 'requests leaves the last hop anonymous',
    uses: ['a', 'b'],
    script: ({ a, b }) => {
      a.route('/', redirect(302, b.url('/')));
      b.route('/', redirect(302, a.url('/home')));
    },
    python: `
s = requests.Session()
s.auth = ('u', 'p')
s.get(A + '/')`,
    ours: ({ session, a }) => session({ auth: ['u', 'p'] }).get(a.url('/')),
    expected: {
      log: {
        a: [
          ['GET', '/', { authorization: 'Basic dTpw' }, '', 1],
          ['GET', '/home', { authorization: 'Basic dTpw' }, '', 1],
        ],
        b: [['GET', '/', {}, '', 1]],
      },
    },
  },
  {
    id: 'R08',
    rows: [62],
    title: 'user information in a Location is not used and not shown',
    want: '>',
    reason: 'requests does not use it either, but keeps it in response.url',
    script: ({ a }) => {
      a.route('/r', redirect(302, `http://us:pw@127.0.0.1:${a.port}/t`));
    },
    python: `out = requests.get(A + '/r').url`,
    ours: async ({ session, a }) => (await session().get(a.url('/r'))).finalUrl,
    expected: {
      outcome: '{A}/t',
      log: {
        a: [
          ['GET', '/r', {}, '', 1],
          ['GET', '/t', {}, '', 1],
        ],
      },
    },
  },
  {
    id: 'R09',
    rows: [61],
    title:
      'netrc does not replace a credential that a redirect keeps, nor follow one to another host by its default',
    want: '>',
    reason:
      'requests asks netrc again on each hop, and gives its default entry to whatever host the redirect names',
    uses: ['a', 'b'],
    env: { NETRC: '{file:netrc}' },
    files: { netrc: 'machine 127.0.0.1 login net password rc\ndefault login d password p\n' },
    script: ({ a, b }) => {
      a.route('/r', redirect(302, '/t'));
      a.route('/elsewhere', redirect(302, `http://localhost:${b.port}/t`));
    },
    python: `
requests.get(A + '/r', auth=('u', 'p'))
requests.get(A + '/elsewhere', auth=('u', 'p'))`,
    ours: async ({ session, a }) => {
      const s = session({ trustEnv: { netrc: true } });
      await s.get(a.url('/r'), { auth: ['u', 'p'] });
      await s.get(a.url('/elsewhere'), { auth: ['u', 'p'] });
    },
    expected: {
      log: {
        a: [
          ['GET', '/r', { authorization: 'Basic dTpw' }, '', 1],
          ['GET', '/t', { authorization: 'Basic dTpw' }, '', 1],
          ['GET', '/elsewhere', { authorization: 'Basic dTpw' }, '', 1],
        ],
        b: [['GET', '/t', {}, '', 1]],
      },
    },
  },
  {
    id: 'R10',
    rows: [56],
    title: 'a 307 gets the body again, or an error when it cannot be had again',
    want: '>',
    reason:
      'requests sends a generator again empty, and the server takes that for the body (psf/requests#2590)',
    headers: [],
    script: ({ a }) => {
      a.route('/r', redirect(307, '/t'));
    },
    python: `
import io
def g():
    yield b'gen'
out = [failure(lambda: requests.post(A + '/r', data=b)) for b in (b'bytes', io.BytesIO(b'file'), g())]`,
    ours: async ({ session, a }) => {
      const generator = (function* () {
        yield 'gen';
      })();
      const outcomes: string[] = [];
      for (const body of ['bytes', new Blob(['file']), generator])
        outcomes.push(await failure(() => session().post(a.url('/r'), { body })));
      return outcomes;
    },
    expected: {
      outcome: ['none: 200', 'none: 200', 'unreplayable'],
      log: {
        a: [
          ['POST', '/r', {}, 'bytes', 1],
          ['POST', '/t', {}, 'bytes', 1],
          ['POST', '/r', {}, 'file', 2],
          ['POST', '/t', {}, 'file', 2],
          ['POST', '/r', {}, 'gen', 3],
        ],
      },
    },
  },
  {
    id: 'R11',
    rows: [6, 68],
    title: 'a redirect that is not followed shows what it would ask for, and that can be sent',
    want: '=',
    headers: [],
    script: ({ a }) => {
      a.route('/r', redirect(308, '/t'));
    },
    python: `
s = requests.Session()
r = s.post(A + '/r', data=b'x', allow_redirects=False)
h = s.head(A + '/r')
out = [r.status_code, r.is_redirect, r.is_permanent_redirect, r.next.method, r.next.url, len(r.history), h.status_code,
       s.send(r.next).status_code]`,
    ours: async ({ session, a }) => {
      const s = session();
      const r = await s.post(a.url('/r'), { body: 'x', redirect: 'manual' });
      const h = await s.head(a.url('/r'));
      const { next } = r;
      if (next === null) throw new Error('there is no next request');
      return [
        r.status,
        r.isRedirect,
        r.isPermanentRedirect,
        next.method,
        next.url,
        r.history.length,
        h.status,
        (await s.send(next)).status,
      ];
    },
  },
  {
    id: 'R13',
    rows: [58, 59],
    title: 'a redirect to anything but http fails, with the response that asked for it',
    want: '>',
    reason: 'requests raises InvalidSchema without the response, and loops on //',
    script: ({ a }) => {
      const targets = ['ftp://a/', 'file:///etc/passwd', 'mailto:x@y', 'http://:1', '//', 'http://[::1'];
      for (const [index, target] of targets.entries()) a.route(`/${index}`, redirect(302, target));
    },
    python: `
out = []
for i in range(6):
    try:
        out.append(requests.get(A + '/%d' % i).status_code)
    except Exception as e:
        response = getattr(e, 'response', None)
        out.append([family_of(e), response.status_code if response is not None else None])`,
    ours: async ({ session, a }) => {
      const outcomes: unknown[] = [];
      for (let index = 0; index < 6; index += 1) {
        try {
          outcomes.push((await session().get(a.url(`/${index}`))).status);
        } catch (error) {
          outcomes.push([
            familyOf(error),
            error instanceof RedirectError ? (error.response?.status ?? null) : null,
          ]);
        }
      }
      return outcomes;
    },
    expected: {
      outcome: [
        ['unsafe-redirect', 302],
        ['unsafe-redirect', 302],
        ['unsafe-redirect', 302],
        ['redirect', 302],
        ['redirect', 302],
        ['redirect', 302],
      ],
    },
  },
  {
    id: 'R14',
    rows: [66, 67],
    title:
      'the history is complete, oldest first, each response with its own, bodies readable, on one connection',
    want: '=',
    script: ({ a }) => {
      for (const n of [1, 2, 3]) a.route(`/${n}`, redirect(302, `/${n + 1}`, { body: `hop ${n}` }));
      a.route('/4', respond({ body: 'end' }));
    },
    python: `
r = requests.get(A + '/1')
out = [[h.status_code for h in r.history], [len(h.history) for h in r.history], [h.text for h in r.history], r.text]`,
    ours: async ({ session, a }) => {
      const r = await session().get(a.url('/1'));
      const texts: string[] = [];
      for (const hop of r.history) texts.push(await hop.text());
      return [
        r.history.map(({ status }) => status),
        r.history.map(({ history }) => history.length),
        texts,
        await r.text(),
      ];
    },
  },
  {
    id: 'R16',
    rows: [66],
    title: 'the large body of a redirect is not kept',
    want: '>',
    reason: 'requests downloads all of it and keeps it in memory',
    script: ({ a }) => {
      a.route('/r', redirect(302, '/t', { body: repeated('x', 5_000_000) }));
      a.route('/t', respond({ body: 'end' }));
    },
    python: `
r = requests.get(A + '/r', stream=True)
out = [r.text, len(r.history[0].content)]`,
    ours: async ({ session, a }) => {
      const r = await session().get(a.url('/r'));
      return [await r.text(), await failure(() => r.history[0]?.bytes())];
    },
    expected: { outcome: ['end', 'type-error'] },
  },
  {
    id: 'R17',
    rows: [63],
    title: 'a 307 to another origin carries the body and its type',
    want: '=',
    uses: ['a', 'b'],
    script: ({ a, b }) => {
      a.otherwise(redirect(307, b.url('/t')));
    },
    python: `requests.post(A + '/r', json=[1])`,
    ours: ({ session, a }) => session().post(a.url('/r'), { json: [1] }),
  },
  {
    id: 'R17b',
    rows: [63],
    title: 'custom headers stay home on a redirect elsewhere, unless they are named',
    want: '>',
    reason:
      'requests drops only Authorization and Cookie: X-API-Key goes to whatever origin the redirect names',
    uses: ['a', 'b'],
    headers: ['x-api-key', 'x-trace', 'accept-language'],
    script: ({ a, b }) => {
      a.otherwise(redirect(302, b.url('/t')));
    },
    python: `requests.get(A + '/r', headers={'X-API-Key': 'k', 'X-Trace': 't', 'Accept-Language': 'en'})`,
    ours: ({ session, a }) =>
      session().get(a.url('/r'), {
        headers: { 'x-api-key': 'k', 'x-trace': 't', 'accept-language': 'en' },
        redirect: { forwardHeaders: ['x-trace'] },
      }),
    expected: { log: { b: [['GET', '/t', { 'accept-language': 'en', 'x-trace': 't' }, '', 1]] } },
  },
  {
    id: 'R19',
    rows: [64],
    title: 'a signing credential signs each hop',
    want: '>',
    reason: 'requests calls it once and sends the stale signature with the second hop',
    headers: ['x-sign'],
    script: ({ a }) => {
      a.route('/r', redirect(302, '/t'));
    },
    python: `
def sign(r):
    r.headers['X-Sign'] = r.path_url
    return r
requests.get(A + '/r', auth=sign)`,
    ours: ({ session, a }) =>
      session().get(a.url('/r'), {
        auth: (request) => request.withHeader('x-sign', new URL(request.url).pathname),
      }),
    expected: {
      log: {
        a: [
          ['GET', '/r', { 'x-sign': '/r' }, '', 1],
          ['GET', '/t', { 'x-sign': '/t' }, '', 1],
        ],
      },
    },
  },
  {
    id: 'R20',
    rows: [66, 97],
    title: 'a total timeout spans all hops',
    want: '>',
    reason: 'requests starts its timeout anew with each hop (psf/requests#3099)',
    script: ({ a }) => {
      for (const n of [1, 2]) a.route(`/${n}`, sequence(sleep(300), redirect(302, `/${n + 1}`)));
      a.route('/3', sequence(sleep(300), respond()));
    },
    python: `out = failure(lambda: requests.get(A + '/1', timeout=0.5))`,
    ours: ({ session, a }) => failure(() => session().get(a.url('/1'), { timeout: 500 })),
    expected: { outcome: 'timeout:total' },
  },
  {
    id: 'R21',
    rows: [58, 68],
    title: 'a redirect that is not followed is left alone, whatever its Location',
    want: '>',
    reason: 'requests counts it against max_redirects and parses its Location all the same',
    script: ({ a }) => {
      a.otherwise(redirect(302, 'http://[::1'));
    },
    python: `
s = requests.Session()
out = failure(lambda: s.get(A + '/', allow_redirects=False))`,
    ours: ({ session, a }) => failure(() => session().get(a.url('/'), { redirect: 'manual' })),
    expected: { outcome: 'none: 302' },
  },
  {
    id: 'R22',
    rows: [63],
    title: 'cookies of a redirect are sent to the paths they are for',
    want: '=',
    script: ({ a }) => {
      a.route(
        '/a/r',
        redirect(307, '/b/t', {
          headers: [
            ['set-cookie', 'pa=1; Path=/a'],
            ['set-cookie', 'pb=1; Path=/b'],
          ],
        }),
      );
    },
    python: `requests.post(A + '/a/r', data={'f': '1'})`,
    ours: ({ session, a }) => session().post(a.url('/a/r'), { form: { f: '1' } }),
  },
  {
    id: 'G07',
    rows: [6],
    title: 'every verb follows redirects but head()',
    want: '=',
    script: ({ a }) => {
      a.route('/r', redirect(303, '/t'));
    },
    python: `
s = requests.Session()
out = [getattr(s, m)(A + '/r').status_code for m in ('get', 'options', 'head')] + [s.request('HEAD', A + '/r').status_code]`,
    ours: async ({ session, a }) => {
      const s = session();
      const url = a.url('/r');
      const statuses: number[] = [];
      for (const pending of [
        () => s.get(url),
        () => s.options(url),
        () => s.head(url),
        () => s.request('HEAD', url),
      ])
        statuses.push((await seen(pending())).status);
      return statuses;
    },
  },
];
