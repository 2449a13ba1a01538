import { echo, gzipped, redirect, respond } from '@httpsession/testing';
import { fetchTransport, parseChallenges, parseLinks, retryAfterMs, status } from 'httpsession';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

/** From where to where credentials are asked to go along. */
const MOVES: readonly (readonly [from: string, to: string])[] = [
  ['http://example.test/a', 'http://example.test/b'],
  ['http://example.test/', 'http://other.example.test/'],
  ['http://example.test/', 'http://EXAMPLE.test/b'],
  ['http://example.test/', 'http://example.test:80/b'],
  ['https://example.test:443/', 'https://example.test/b'],
  ['http://example.test/', 'http://example.test:8080/'],
  ['http://example.test:1234/', 'https://example.test:4321/'],
  ['https://example.test/', 'http://example.test/'],
  ['http://example.test/', 'https://example.test/'],
  ['http://example.test:80/', 'https://example.test:443/'],
];

/** G, A05, S13, R07: what responses, requests and helpers look like. */
export const objectCases: readonly ParityCase[] = [
  {
    id: 'R07',
    rows: [60],
    title: 'credentials go along to the same scheme, host and port, however they are written',
    want: '>',
    reason: 'requests also sends them from http to https: whoever answers there need not be who was asked',
    uses: [],
    python: `out = [not requests.Session().should_strip_auth(a, b) for a, b in ${JSON.stringify(MOVES)}]`,
    ours: async ({ session }) => {
      const kept: boolean[] = [];
      for (const [from, to] of MOVES) {
        let sent: string | null = null;
        let hops = 0;
        const transport = fetchTransport((_, init) => {
          sent = new Headers(init?.headers as Record<string, string>).get('authorization');
          hops += 1;
          return Promise.resolve(
            hops === 1 ? new Response(null, { status: 302, headers: { location: to } }) : new Response('end'),
          );
        });
        const s = session({ redirect: { allowDowngrade: true } })
          .mount('http:', transport)
          .mount('https:', transport);
        await s.get(from, { headers: { authorization: 'Secret 1' } });
        kept.push(sent !== null);
      }
      return kept;
    },
    expected: { outcome: [true, false, true, true, true, false, false, false, false, false] },
  },
  {
    id: 'A05',
    rows: [75],
    title: 'credentials for a proxy belong to the proxy option',
    want: '>',
    reason: 'requests sends HTTPProxyAuth to whatever server answers, proxy or not',
    headers: ['proxy-authorization'],
    python: `out = failure(lambda: requests.get(A + '/', auth=requests.auth.HTTPProxyAuth('u', 'p')))`,
    ours: ({ session, a }) =>
      failure(() => session().get(a.url('/'), { headers: { 'proxy-authorization': 'Basic dTpw' } })),
    expected: { outcome: 'invalid-header', log: { a: [] } },
  },
  {
    id: 'G01',
    rows: [135],
    title: 'status codes have names',
    want: '=',
    uses: [],
    python: `
c = requests.codes
out = [c.ok, c.not_found, c.teapot, c.too_many_requests, c.permanent_redirect, c.gateway_timeout, c['nope'] if False else None]`,
    ours: () => [
      status.ok,
      status.notFound,
      status.imATeapot,
      status.tooManyRequests,
      status.permanentRedirect,
      status.gatewayTimeout,
      null,
    ],
  },
  {
    id: 'G02',
    rows: [98, 113],
    title:
      'a response tells status, reason, headers, encoding, cookies, history and the request as it was sent',
    want: '=',
    headers: ['x-a'],
    script: ({ a }) => {
      a.route('/r', redirect(302, '/t'));
      a.route(
        '/t',
        respond({
          status: 203,
          reason: 'Fine',
          headers: {
            'x-b': '2',
            'content-type': 'text/plain; charset=iso-8859-1',
            'set-cookie': 'c=1; Path=/',
            link: '</n>; rel=next',
          },
          body: 'body',
        }),
      );
    },
    python: `
r = requests.get(A + '/r', headers={'X-A': '1'}, cookies={'q': '1'})
out = [r.status_code, r.reason, r.ok, r.headers['X-B'], r.encoding.lower(), dict(r.cookies), len(r.history), r.request.method,
       r.request.url, r.request.headers['x-a'], r.request.headers['cookie'], r.links['next']['rel'], r.is_redirect, r.text,
       r.elapsed.total_seconds() > 0]`,
    ours: async ({ session, a }) => {
      const r = await session().get(a.url('/r'), { headers: { 'X-A': '1' }, cookies: { q: '1' } });
      return [
        r.status,
        r.statusText,
        r.ok,
        r.headers.get('X-B'),
        // WHATWG calls Latin-1 by the name of what browsers read it as.
        r.encoding === 'windows-1252' ? 'iso-8859-1' : r.encoding,
        Object.fromEntries([...r.cookies].map(({ name, value }) => [name, value])),
        r.history.length,
        r.request.method,
        r.request.url,
        r.request.header('x-a'),
        r.request.header('cookie'),
        r.links.next?.rel,
        r.isRedirect,
        await r.text(),
        r.elapsed > 0,
      ];
    },
  },
  {
    id: 'G10',
    rows: [136],
    title: 'the parsers that people import from requests.utils are exported',
    want: '~',
    uses: [],
    python: `
from requests import utils
links = utils.parse_header_links('<http://a.test/2>; rel="next"')
out = [links[0]['url'], utils.parse_dict_header('realm="r", qop="auth"'), Retry().parse_retry_after('3') * 1000,
       requests.auth._basic_auth_str('u', 'p')]`,
    ours: async () => {
      const { basicAuthorization } = await import('httpsession');
      const params = parseChallenges(['Digest realm="r", qop="auth"'])[0]?.params;
      return [
        parseLinks('<http://a.test/2>; rel="next"', 'http://a.test/').next?.url,
        Object.fromEntries(params ?? []),
        retryAfterMs(new Headers({ 'retry-after': '3' }), 0),
        basicAuthorization('u', 'p'),
      ];
    },
    meaning: ({ outcome }) => outcome,
  },
  {
    id: 'S13',
    rows: [112],
    title: 'the body can be had as it came, undecoded',
    want: '=',
    script: ({ a }) => {
      a.otherwise(respond({ headers: { 'content-encoding': 'gzip' }, body: gzipped('hello') }));
    },
    python: `
import gzip
out = gzip.decompress(requests.get(A + '/', stream=True).raw.read()).decode()`,
    ours: async ({ session, a }) => {
      const { gunzipSync } = await import('node:zlib');
      const bytes = await session().get(a.url('/'), { decompress: false }).bytes();
      return gunzipSync(bytes).toString();
    },
  },
  {
    id: 'G05',
    rows: [1, 5],
    title: 'the settings of a session are live, and a call leaves them alone',
    want: '=',
    headers: ['x-a', 'authorization'],
    script: ({ a }) => {
      a.otherwise(echo());
    },
    python: `
s = requests.Session()
s.get(A + '/', headers={'X-A': 'call'}, params={'p': 'call'}, auth=('call', 'x'))
s.headers['X-A'] = 'session'
s.params = {'p': 'session'}
s.auth = ('session', 'x')
s.get(A + '/')
del s.headers['X-A']
s.auth = None
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.get(a.url('/'), { headers: { 'x-a': 'call' }, params: { p: 'call' }, auth: ['call', 'x'] });
      s.headers.set('x-a', 'session');
      s.params.set('p', 'session');
      s.auth = ['session', 'x'];
      await s.get(a.url('/'));
      s.headers.delete('x-a');
      s.auth = null;
      await s.get(a.url('/'));
    },
  },
];
