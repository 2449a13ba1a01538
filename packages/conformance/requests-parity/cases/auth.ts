import { redirect, respond } from '@httpsession/testing';
import { digest, PreparedRequest } from 'httpsession';
import { digestGate } from '../digest-server.ts';
import { failure, seen } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

/** Which credentials a combination of A01 gives: header, netrc, URL, session, request. */
const COMBINATIONS = ['h', 'n', 'u', 's', 'r', 'hn', 'nu', 'su', 'hs', 'hr', 'hu', 'nsr', 'hnusr'];

const NETRC_FILES: Readonly<Record<string, string>> = {
  default: 'default login d password p\n',
  nopass: 'machine 127.0.0.1 login l\n',
  quoted: 'machine 127.0.0.1 login "a b" password "c d"\n',
  other: 'machine other.test login o password p\n',
  comment: '# nothing\nmachine 127.0.0.1 login l password p\n',
};

/** A and D: credentials. */
export const authCases: readonly ParityCase[] = [
  {
    id: 'A01',
    rows: [13, 71],
    title: 'the nearest credential wins: call auth, call header, session auth, URL, netrc',
    want: '>',
    reason: 'requests lets netrc beat an explicit Authorization header and the URL (psf/requests#3929)',
    env: { NETRC: '{file:netrc}' },
    files: { netrc: 'machine 127.0.0.1 login net password rc\n' },
    python: `
import base64
def sent(c):
    s = requests.Session()
    if 'n' not in c: s.trust_env = False
    if 's' in c: s.auth = ('session', 'x')
    url = A.replace('http://', 'http://url:x@') if 'u' in c else A
    r = s.get(url + '/', headers={'Authorization': 'header'} if 'h' in c else None, auth=('request', 'x') if 'r' in c else None)
    v = r.request.headers.get('Authorization', '')
    return base64.b64decode(v[6:]).decode().split(':')[0] if v.startswith('Basic') else v
out = {c: sent(c) for c in ${JSON.stringify(COMBINATIONS)}}`,
    ours: async ({ session, a }) => {
      const outcome: Record<string, string> = {};
      for (const given of COMBINATIONS) {
        const s = session({ trustEnv: given.includes('n') ? { netrc: true } : false });
        if (given.includes('s')) s.auth = ['session', 'x'];
        const url = given.includes('u') ? a.url('/').replace('http://', 'http://url:x@') : a.url('/');
        await s.get(url, {
          ...(given.includes('h') && { headers: { authorization: 'header' } }),
          ...(given.includes('r') && { auth: ['request', 'x'] as const }),
        });
        const sent = a.last?.header('authorization') ?? '';
        outcome[given] = sent.startsWith('Basic ') ? (atob(sent.slice(6)).split(':')[0] ?? '') : sent;
      }
      return outcome;
    },
    expected: {
      outcome: {
        h: 'header',
        n: 'net',
        u: 'url',
        s: 'session',
        r: 'request',
        hn: 'header',
        nu: 'url',
        su: 'session',
        hs: 'header',
        hr: 'request',
        hu: 'header',
        nsr: 'request',
        hnusr: 'request',
      },
    },
  },
  {
    id: 'A02',
    rows: [72, 134],
    title: 'user names beyond Latin-1 are sent as UTF-8, and a colon in them is refused',
    want: '>',
    reason:
      'requests leaks UnicodeEncodeError, and sends a colon that no server can tell from the separator (RFC 7617)',
    python: `
out = [failure(lambda: requests.get(A + '/', auth=(u, 'p'))) for u in ('\\u2603', 'a:b')]`,
    ours: async ({ session, a }) => [
      await failure(() => session().get(a.url('/'), { auth: ['☃', 'p'] })),
      await failure(() => session().get(a.url('/'), { auth: ['a:b', 'p'] })),
    ],
    expected: {
      outcome: ['none: 200', 'type-error'],
      log: { a: [['GET', '/', { authorization: 'Basic 4piDOnA=' }, '', 1]] },
    },
  },
  {
    id: 'A03',
    rows: [70],
    title: 'a pair is Basic; a list of another length is refused before anything is sent',
    want: '~',
    python: `
requests.get(A + '/', auth=('u', 'p'))
out = failure(lambda: requests.get(A + '/', auth=['u', 'p', 'x']))`,
    ours: async ({ session, a }) => {
      await session().get(a.url('/'), { auth: ['u', 'p'] });
      const three = ['u', 'p', 'x'] as unknown as readonly [string, string];
      return failure(() => session().get(a.url('/'), { auth: three }));
    },
    meaning: ({ log, outcome }) => [log, String(outcome).replace('leak:TypeError', 'type-error')],
  },
  {
    id: 'A04',
    rows: [70, 73],
    title: 'a credential may change the body, and the length follows',
    want: '=',
    headers: ['content-length', 'x-signed'],
    python: `
class Enlarge(requests.auth.AuthBase):
    def __call__(self, r):
        r.headers['X-Signed'] = 'yes'
        r.body = r.body + b' and more'
        r.prepare_content_length(r.body)
        return r
requests.post(A + '/', data=b'body', auth=Enlarge())`,
    ours: ({ session, a }) =>
      session().post(a.url('/'), {
        body: new TextEncoder().encode('body'),
        auth: (request) =>
          request instanceof PreparedRequest
            ? request.withBody('body and more').withHeader('x-signed', 'yes')
            : undefined,
      }),
  },
  {
    id: 'A06',
    rows: [61, 74],
    title: 'netrc files: default, no password, quotes, comments, entries of other hosts',
    want: '~',
    files: NETRC_FILES,
    python: `
for name in ${JSON.stringify(Object.keys(NETRC_FILES))}:
    os.environ['NETRC'] = F(name)
    requests.get(A + '/' + name)`,
    ours: async ({ session, a, paths }) => {
      const s = session({ trustEnv: { netrc: true } });
      for (const name of Object.keys(NETRC_FILES)) {
        process.env.NETRC = paths[name];
        await s.get(a.url(`/${name}`));
      }
    },
    // Without a password requests sends an empty one. Here the entry only keeps `default` from being used for its host.
    meaning: ({ log }) =>
      log.a?.filter(([, target]) => target !== '/nopass').map(([, target, headers]) => [target, headers]),
  },
  {
    id: 'D01',
    rows: [76, 80],
    title: 'Digest answers a challenge on the same connection, with the cookies of the 401',
    want: '=',
    script: ({ a }) => {
      a.otherwise(digestGate({ headers: [['set-cookie', 'c=1; Path=/']] }));
    },
    python: `out = seen(requests.get(A + '/x?y=1', auth=HTTPDigestAuth('u', 'p')))`,
    ours: ({ session, a }) => seen(session().get(a.url('/x?y=1'), { auth: digest('u', 'p') })),
  },
  {
    id: 'D02',
    rows: [76],
    title: 'the next request with the same credential is signed ahead, its count raised',
    want: '=',
    script: ({ a }) => {
      a.otherwise(digestGate());
    },
    python: `
s = requests.Session()
s.auth = HTTPDigestAuth('u', 'p')
out = [seen(s.get(A + '/1')), seen(s.get(A + '/2'))]`,
    ours: async ({ session, a }) => {
      const s = session({ auth: digest('u', 'p') });
      return [await seen(s.get(a.url('/1'))), await seen(s.get(a.url('/2')))];
    },
  },
  {
    id: 'D03',
    rows: [77],
    title: 'every algorithm of RFC 7616 is answered, an unknown one is not',
    want: '>',
    reason:
      'requests knows neither SHA-256-sess nor SHA-512-256, and repeats the request without credentials for those',
    headers: [],
    script: ({ a }) => {
      for (const algorithm of [
        'MD5',
        'MD5-sess',
        'SHA-256',
        'SHA-256-sess',
        'SHA-512-256',
        'SHA-512-256-sess',
        'NONE',
      ])
        a.route(`/${algorithm}`, digestGate({ algorithm }));
    },
    python: `
names = ['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess', 'NONE']
out = [requests.get(A + '/' + n, auth=HTTPDigestAuth('u', 'p')).status_code for n in names]`,
    ours: async ({ session, a }) => {
      const statuses: number[] = [];
      for (const name of [
        'MD5',
        'MD5-sess',
        'SHA-256',
        'SHA-256-sess',
        'SHA-512-256',
        'SHA-512-256-sess',
        'NONE',
      ])
        statuses.push((await session().get(a.url(`/${name}`), { auth: digest('u', 'p') })).status);
      return [...statuses, a.requestsTo('/NONE').length];
    },
    expected: { outcome: [200, 200, 200, 200, 200, 200, 401, 1] },
  },
  {
    id: 'D04',
    rows: [78],
    title: 'qop lists are read with their spaces, and auth-int is answered',
    want: '>',
    reason: 'requests splits at commas without trimming and cannot do auth-int',
    headers: [],
    script: ({ a }) => {
      a.route('/spaced', digestGate({ qop: 'auth-int, auth' }));
      a.route('/int', digestGate({ qop: 'auth-int' }));
      a.route('/none', digestGate({ qop: '' }));
    },
    python: `
out = [requests.post(A + p, data=b'b', auth=HTTPDigestAuth('u', 'p')).status_code for p in ('/spaced', '/int', '/none')]`,
    ours: async ({ session, a }) => {
      const statuses: number[] = [];
      for (const path of ['/spaced', '/int', '/none'])
        statuses.push((await session().post(a.url(path), { body: 'b', auth: digest('u', 'p') })).status);
      return statuses;
    },
    expected: { outcome: [200, 200, 200] },
  },
  {
    id: 'D05',
    rows: [79, 134],
    title: 'of several challenges the strongest is answered, quotes are escaped, a broken one is none',
    want: '>',
    reason:
      'requests leaks KeyError for a missing realm, answers MD5 where SHA-256 is offered, does not escape quotes',
    headers: [],
    script: ({ a }) => {
      const two = ['MD5', 'SHA-256'].map(
        (name) => `Digest realm="r", nonce="n", qop="auth", algorithm=${name}`,
      );
      a.route(
        '/basic',
        digestGate({ challenges: ['Basic realm="b"', 'Digest realm="r", nonce="n", qop="auth"'] }),
      );
      a.route('/two', digestGate({ challenges: two }));
      a.route('/joined', digestGate({ challenges: [two.join(', ')] }));
      a.route('/quotes', digestGate({ challenges: ['Digest realm="a \\"b\\"", nonce="n", qop="auth"'] }));
      a.route('/norealm', digestGate({ challenges: ['Digest nonce="n", qop="auth"'] }));
    },
    python: `
out = [failure(lambda: requests.get(A + p, auth=HTTPDigestAuth('u', 'p'))) for p in ('/basic', '/two', '/joined', '/quotes', '/norealm')]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const path of ['/basic', '/two', '/joined', '/quotes', '/norealm'])
        outcomes.push(await failure(() => session().get(a.url(path), { auth: digest('u', 'p') })));
      const chosen = (path: string) =>
        /algorithm="?([\w-]+)/.exec(a.requestsTo(path).at(-1)?.header('authorization') ?? '');
      return [...outcomes, chosen('/two')?.[1], chosen('/joined')?.[1]];
    },
    expected: {
      outcome: ['none: 200', 'none: 200', 'none: 200', 'none: 200', 'none: 401', 'SHA-256', 'SHA-256'],
    },
  },
  {
    id: 'D06',
    rows: [76],
    title: 'a wrong password is tried once, and the second 401 is the answer',
    want: '=',
    script: ({ a }) => {
      a.otherwise(digestGate());
    },
    python: `out = seen(requests.get(A + '/', auth=HTTPDigestAuth('u', 'wrong')))`,
    ours: ({ session, a }) => seen(session().get(a.url('/'), { auth: digest('u', 'wrong') })),
  },
  {
    id: 'D07',
    rows: [76],
    title: 'a stale nonce is replaced without asking anybody, and the count starts anew',
    want: '~',
    script: ({ a }) => {
      a.route('/', [digestGate(), digestGate(), digestGate({ nonce: 'n2' }), digestGate({ nonce: 'n2' })]);
    },
    python: `
s = requests.Session()
s.auth = HTTPDigestAuth('u', 'p')
out = [s.get(A + '/').status_code, s.get(A + '/').status_code]`,
    ours: async ({ session, a }) => {
      const s = session({ auth: digest('u', 'p') });
      return [(await s.get(a.url('/'))).status, (await s.get(a.url('/'))).status];
    },
    meaning: (record) => record,
  },
  {
    id: 'D08',
    rows: [80],
    title: 'a body is sent again with the answer, or fails when it cannot be had again',
    want: '>',
    reason: 'requests sends a generator again empty',
    headers: [],
    script: ({ a }) => {
      a.otherwise(digestGate());
    },
    python: `
import io
def g():
    yield b'gen'
out = [failure(lambda: requests.post(A + '/', data=b, auth=HTTPDigestAuth('u', 'p'))) for b in (b'bytes', io.BytesIO(b'file'), g())]`,
    ours: async ({ session, a }) => {
      const generator = (function* () {
        yield 'gen';
      })();
      const outcomes: string[] = [];
      for (const body of ['bytes', new Blob(['file']), generator])
        outcomes.push(await failure(() => session().post(a.url('/'), { body, auth: digest('u', 'p') })));
      return [...outcomes, a.requests.filter(({ bodyText }) => bodyText === '').length];
    },
    expected: { outcome: ['none: 200', 'none: 200', 'unreplayable', 0] },
  },
  {
    id: 'D10',
    rows: [64],
    title: 'a challenge of another origin is not answered',
    want: '>',
    reason: 'requests gives the redirect target a response from which the password can be guessed offline',
    uses: ['a', 'b'],
    script: ({ a, b }) => {
      a.otherwise(redirect(302, b.url('/')));
      b.otherwise(digestGate());
    },
    python: `out = requests.get(A + '/', auth=HTTPDigestAuth('u', 'p')).status_code`,
    ours: async ({ session, a }) => (await session().get(a.url('/'), { auth: digest('u', 'p') })).status,
    expected: { outcome: 401, log: { b: [['GET', '/', {}, '', 1]] } },
  },
  {
    id: 'D11',
    rows: [76],
    title: 'only a 401 is a challenge',
    want: '>',
    reason: 'requests answers any 4xx that carries the header',
    script: ({ a }) => {
      a.otherwise(
        respond({ status: 403, headers: { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' } }),
      );
    },
    python: `out = requests.get(A + '/', auth=HTTPDigestAuth('u', 'p')).status_code`,
    ours: async ({ session, a }) => (await session().get(a.url('/'), { auth: digest('u', 'p') })).status,
    expected: { outcome: 403, log: { a: [['GET', '/', {}, '', 1]] } },
  },
  {
    id: 'D12',
    rows: [80, 116],
    title: 'hooks see the answered response alone, and the cookies of the 401 are sent',
    want: '=',
    headers: ['cookie'],
    script: ({ a }) => {
      a.otherwise(digestGate({ headers: [['set-cookie', 'c=1; Path=/']] }));
    },
    python: `
statuses = []
r = requests.get(A + '/', auth=HTTPDigestAuth('u', 'p'), stream=True, hooks={'response': lambda r, **k: statuses.append(r.status_code)})
out = [statuses[-1:], r.text]`,
    ours: async ({ session, a }) => {
      const statuses: number[] = [];
      const r = await session().get(a.url('/'), {
        auth: digest('u', 'p'),
        hooks: { afterResponse: ({ status }) => void statuses.push(status) },
      });
      return [statuses, await r.text()];
    },
  },
];
