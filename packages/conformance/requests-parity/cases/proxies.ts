import { redirect, respond } from '@httpsession/testing';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const headers = ['host', 'proxy-authorization'];

/** X: proxies. */
export const proxyCases: readonly ParityCase[] = [
  {
    id: 'X01',
    rows: [82, 86],
    title: 'http_proxy: absolute form, credentials to the proxy, the lower-case name wins',
    want: '=',
    uses: ['proxy'],
    headers,
    env: { http_proxy: 'http://us:p%20w@{P.host}', HTTP_PROXY: 'http://127.0.0.1:1' },
    script: ({ proxy }) => {
      proxy.otherwise(respond());
    },
    python: `requests.get('http://some.test:81/x?y#z')`,
    ours: ({ session }) => session().get('http://some.test:81/x?y#z'),
  },
  {
    id: 'X01b',
    rows: [82],
    title: 'HTTP_PROXY is not read in a CGI program (httpoxy)',
    want: '=',
    uses: ['a', 'proxy'],
    env: { HTTP_PROXY: '{P}', REQUEST_METHOD: 'GET' },
    python: `requests.get(A + '/')`,
    ours: ({ session, a }) => session().get(a.url('/')),
  },
  {
    id: 'X02',
    rows: [84],
    title: 'no_proxy: addresses, networks and * bypass the proxy',
    want: '=',
    uses: ['a', 'proxy'],
    env: { http_proxy: '{P}' },
    script: ({ proxy }) => {
      proxy.otherwise(respond());
    },
    python: `
for value in ('127.0.0.1', '127.0.0.0/8', '*', 'other.test', '128.0.0.0/8'):
    os.environ['no_proxy'] = value
    requests.get(A + '/')`,
    ours: async ({ session, a }) => {
      for (const value of ['127.0.0.1', '127.0.0.0/8', '*', 'other.test', '128.0.0.0/8']) {
        process.env.no_proxy = value;
        await session().get(a.url('/'));
      }
    },
  },
  {
    id: 'X06',
    rows: [84],
    title:
      'no_proxy takes what curl takes too: addresses with port, spaces between entries, *. and IPv6 networks',
    want: '>',
    reason: 'requests splits at commas only, and knows neither a port behind an address nor networks of IPv6',
    uses: ['a', 'proxy'],
    env: { http_proxy: '{P}' },
    script: ({ proxy }) => {
      proxy.otherwise(respond());
    },
    python: `
for value in ('127.0.0.1:' + A.rsplit(':', 1)[1], 'x.test 127.0.0.1', '0.0.0.0/0'):
    os.environ['no_proxy'] = value
    requests.get(A + '/')
os.environ['no_proxy'] = '*.some.test'
requests.get('http://a.some.test/')`,
    ours: async ({ session, a }) => {
      for (const value of [`127.0.0.1:${a.port}`, 'x.test 127.0.0.1', '0.0.0.0/0']) {
        process.env.no_proxy = value;
        await session().get(a.url('/'));
      }
      process.env.no_proxy = '*.some.test';
      return failure(() => session({ retry: null }).get('http://a.some.test:1/'));
    },
    expected: { outcome: 'connection', log: { proxy: [] } },
  },
  {
    id: 'X03',
    rows: [83],
    title: 'the call’s proxy beats the session’s, and the session’s beats the environment’s',
    want: '>',
    reason: 'requests lets the environment override session.proxies (psf/requests#5677)',
    uses: ['a', 'b', 'proxy'],
    headers: [],
    env: { http_proxy: '{P}' },
    script: ({ proxy }) => {
      proxy.otherwise(respond());
    },
    python: `
s = requests.Session()
s.proxies = {'http': A}
s.get('http://one.test/')
s.get('http://two.test/', proxies={'http': B})`,
    ours: async ({ session, a, b }) => {
      const s = session({ proxy: a.origin });
      await s.get('http://one.test/');
      await s.get('http://two.test/', { proxy: b.origin });
    },
    expected: {
      log: {
        a: [['GET', 'http://one.test/', {}, '', 1]],
        b: [['GET', 'http://two.test/', {}, '', 1]],
        proxy: [],
      },
    },
  },
  {
    id: 'X04',
    rows: [83],
    title: 'no proxy is no proxy on every hop',
    want: '>',
    reason: 'requests takes the proxy of the environment again after a redirect (psf/requests#6981)',
    uses: ['a', 'proxy'],
    env: { http_proxy: '{P}' },
    script: ({ a }) => {
      a.route('/r', redirect(302, '/t'));
    },
    python: `requests.get(A + '/r', proxies={'http': None})`,
    ours: ({ session, a }) => session().get(a.url('/r'), { proxy: null }),
    expected: { log: { proxy: [] } },
  },
  {
    id: 'X05',
    rows: [81],
    title: 'a proxy for each scheme, and a scheme of its own when none is given',
    want: '=',
    uses: ['a', 'b'],
    headers: [],
    python: `
requests.get('http://one.test/', proxies={'http': A, 'https': B})
requests.get('http://two.test/', proxies={'http': A.replace('http://', '')})`,
    ours: async ({ session, a, b }) => {
      await session().get('http://one.test/', { proxy: { http: a.origin, https: b.origin } });
      await session().get('http://two.test/', { proxy: a.origin.replace('http://', '') });
    },
  },
  {
    id: 'X07',
    rows: [86],
    title: 'https goes through a tunnel; the proxy’s credentials stay outside of it',
    want: '~',
    uses: ['t', 'proxy'],
    headers: ['proxy-authorization', 'user-agent', 'authorization'],
    files: { ca: '{CA}' },
    python: `requests.get(T + '/', proxies={'https': P.replace('http://', 'http://us:pw@')}, verify=F('ca'), auth=('u', 'p'))`,
    ours: ({ session, t, proxy, ca }) =>
      session({ tls: { ca } }).get(t.url('/'), {
        proxy: proxy.origin.replace('http://', 'http://us:pw@'),
        auth: ['u', 'p'],
      }),
    meaning: ({ log }) => [
      log.proxy?.map(([method, target, { 'user-agent': _, ...rest }]) => [method, target, rest]),
      log.t?.map(([method, target, { 'user-agent': _, ...rest }]) => [method, target, rest]),
    ],
  },
  {
    id: 'X08',
    rows: [81, 87],
    title: 'a refused tunnel, a dead proxy and a broken proxy URL fail, each in its own way',
    want: '~',
    uses: ['a', 't', 'proxy'],
    script: ({ proxy }) => {
      proxy.route('CONNECT *', respond(407));
    },
    python: `
def t(url, proxy):
    return failure(lambda: requests.get(url, proxies={'http': proxy, 'https': proxy}))
out = [t(T, P), t(A, REFUSED), t(A, 'http://:x'), t(A, A.replace('http://', ''))]`,
    ours: async ({ session, a, t, proxy, refused }) => {
      const tried = (url: string, through: string) =>
        failure(() => session({ retry: null }).get(url, { proxy: through }));
      return [
        await tried(t.origin, proxy.origin),
        await tried(a.origin, refused),
        await tried(a.origin, 'http://:x'),
        await tried(a.origin, a.origin.replace('http://', '')),
      ];
    },
    // A wrong option is a TypeError here.
    meaning: ({ outcome }) =>
      (outcome as string[]).map((family) => (family === 'type-error' ? 'invalid-url' : family)),
  },
  {
    id: 'X10',
    rows: [12, 13],
    title: 'the environment is left alone when the session does not trust it',
    want: '=',
    uses: ['a', 'proxy'],
    env: { http_proxy: '{P}' },
    python: `
s = requests.Session()
s.trust_env = False
s.get(A + '/')`,
    ours: ({ session, a }) => session({ trustEnv: false }).get(a.url('/')),
  },
  {
    id: 'X11',
    rows: [65, 85],
    title: 'NO_PROXY is judged for each hop',
    want: '>',
    reason: 'requests sends the hop to an excluded host through the proxy (psf/requests#3296)',
    uses: ['a', 'proxy'],
    headers: [],
    env: { http_proxy: '{P}', no_proxy: '127.0.0.1' },
    script: ({ a, proxy }) => {
      proxy.otherwise(redirect(302, a.url('/t')));
    },
    python: `out = failure(lambda: requests.get('http://some.test/'))`,
    ours: ({ session }) => failure(() => session().get('http://some.test/')),
    expected: {
      outcome: 'none: 200',
      log: {
        a: [['GET', '/t', {}, '', 1]],
        proxy: [['GET', 'http://some.test/', {}, '', 1]],
      },
    },
  },
  {
    id: 'X12b',
    rows: [65, 86],
    title: 'Proxy-Authorization does not leave with a redirect that needs no proxy',
    want: '=',
    uses: ['t', 'proxy'],
    headers: ['proxy-authorization'],
    files: { ca: '{CA}' },
    script: ({ t, proxy }) => {
      proxy.otherwise(redirect(302, t.url('/t')));
    },
    python: `requests.get('http://some.test/', proxies={'http': P.replace('http://', 'http://us:pw@')}, verify=F('ca'))`,
    ours: ({ session, proxy, ca }) =>
      session({ tls: { ca } }).get('http://some.test/', {
        proxy: { http: proxy.origin.replace('http://', 'http://us:pw@') },
      }),
  },
];
