import { redirect, respond, sequence, sleep } from '@httpsession/testing';
import { type Auth, fetchTransport, type HooksInit, responseFrom, type SessionResponse } from 'httpsession';
import { failure, seen } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

/** A transport that answers each URL with its name and what came. */
const mock = (name: string) =>
  fetchTransport(
    (input, init) =>
      Promise.resolve(new Response(`${name} ${init?.method} ${String(input)} ${String(init?.body ?? '')}`)),
    { name },
  );

/** K and M: hooks, adapters, connections. */
export const hookAndTransportCases: readonly ParityCase[] = [
  {
    id: 'K02',
    rows: [115],
    title: "a call's hooks run after the session's",
    want: '>',
    reason: 'requests replaces the session’s hooks',
    python: `
ran = []
s = requests.Session()
s.hooks['response'].append(lambda r, **k: ran.append('session'))
s.get(A + '/', hooks={'response': lambda r, **k: ran.append('call')})
out = ran`,
    ours: async ({ session, a }) => {
      const ran: string[] = [];
      const s = session({ hooks: { afterResponse: () => void ran.push('session') } });
      await s.get(a.url('/'), { hooks: { afterResponse: () => void ran.push('call') } });
      return ran;
    },
    expected: { outcome: ['session', 'call'] },
  },
  {
    id: 'K03',
    rows: [116],
    title: 'a hook sees each hop, its body unread',
    want: '=',
    script: ({ a }) => {
      a.route('/r', redirect(302, '/t', { body: 'hop' }));
    },
    python: `
saw = []
s = requests.Session()
s.get(A + '/r', hooks={'response': lambda r, **k: saw.append([r.status_code, r._content_consumed])})
out = saw`,
    ours: async ({ session, a }) => {
      const saw: unknown[] = [];
      const watch = (r: SessionResponse): void => void saw.push([r.status, r.bodyUsed]);
      await session().get(a.url('/r'), { hooks: { afterExchange: watch } });
      return saw;
    },
  },
  {
    id: 'K04',
    rows: [114, 69],
    title: 'unknown events are refused',
    want: '~',
    python: `out = failure(lambda: requests.Request('GET', A, hooks={'nope': print}))`,
    ours: ({ session, a }) =>
      failure(() => session().get(a.url('/'), { hooks: { nope: () => undefined } as unknown as HooksInit })),
    meaning: ({ log, outcome }) => [log, String(outcome).replace('leak:ValueError', 'type-error')],
  },
  {
    id: 'K05',
    rows: [116],
    title: 'what stands between may turn a response into a redirect, which is followed',
    want: '=',
    python: `
def rewrite(r, **k):
    if r.url.endswith('/1'):
        r.status_code = 302
        r.headers['Location'] = '/2'
    return r
out = requests.get(A + '/1', hooks={'response': rewrite}).url`,
    ours: async ({ session, a }) => {
      const s = session().use(async (request, next) => {
        const response = await next(request);
        if (!request.url.endsWith('/1')) return response;
        return responseFrom(request, new Response(null, { status: 302, headers: { location: '/2' } }));
      }, 'exchange');
      return (await s.get(a.url('/1'))).url;
    },
  },
  {
    id: 'K06',
    rows: [69, 116],
    title: 'a 401 can be answered with a token, and stays in the history',
    want: '=',
    script: ({ a }) => {
      a.otherwise({
        when: { headers: { authorization: 'Bearer t' } },
        do: { respond: { body: 'in' } },
        otherwise: { respond: { status: 401, body: 'out' } },
      });
    },
    python: `
def answer(r, **k):
    if r.status_code != 401: return r
    r.content
    p = r.request.copy()
    p.headers['Authorization'] = 'Bearer t'
    n = r.connection.send(p, **k)
    n.history.append(r)
    return n
out = seen(requests.get(A + '/', hooks={'response': answer}))`,
    ours: async ({ session, a }) => {
      const auth: Auth = {
        *flow(request) {
          const response = yield request;
          if (response.status === 401) yield request.withHeader('authorization', 'Bearer t');
        },
      };
      return seen(session().get(a.url('/'), { auth }));
    },
  },
  {
    id: 'M01',
    rows: [117],
    title: 'a mounted prefix matches whole hosts and path segments',
    want: '>',
    reason: 'requests compares strings: http://localhost also takes http://localhost.evil.test',
    uses: [],
    python: `
s = requests.Session()
class Named(HTTPAdapter): pass
own = Named()
s.mount('http://localhost', own)
s.mount('http://a.test/api', own)
urls = ['http://localhost/', 'http://localhost.evil.test/', 'http://LOCALHOST/x', 'http://a.test/api/x', 'http://a.test/apix']
out = [s.get_adapter(u) is own for u in urls]`,
    ours: async ({ session }) => {
      const s = session();
      s.mount('http:', mock('other'))
        .mount('http://localhost', mock('own'))
        .mount('http://a.test/api', mock('own'));
      const chosen: boolean[] = [];
      const urls = [
        'http://localhost/',
        'http://localhost.evil.test/',
        'http://LOCALHOST/x',
        'http://a.test/api/x',
      ];
      for (const url of [...urls, 'http://a.test/apix'])
        chosen.push((await s.get(url).text()).startsWith('own'));
      return chosen;
    },
    expected: { outcome: [true, false, true, true, false] },
  },
  {
    id: 'M02',
    rows: [23, 118, 122],
    title: 'a transport of one’s own serves a scheme of one’s own',
    want: '=',
    uses: [],
    python: `
class Mock(requests.adapters.BaseAdapter):
    def send(self, request, **k):
        r = requests.Response()
        r.status_code = 200
        r.url = request.url
        r.request = request
        r._content = ('mock %s %s' % (request.method, request.url)).encode()
        return r
    def close(self): pass
s = requests.Session()
s.mount('mock://', Mock())
out = [s.get('mock://host/path?q=1').text, failure(lambda: s.get('other://host/'))]`,
    ours: async ({ session }) => {
      const s = session().mount('mock:', mock('mock'));
      const text = await s.get('mock://host/path?q=1').text();
      return [
        text.trim(),
        (await failure(() => s.get('other://host/'))).replace('invalid-url', 'invalid-scheme'),
      ];
    },
  },
  {
    id: 'M03',
    rows: [117],
    title: 'the transport is chosen for each hop',
    want: '=',
    script: ({ a }) => {
      a.route('/r', redirect(302, 'http://mounted.test/x'));
    },
    python: `
class Mock(requests.adapters.BaseAdapter):
    def send(self, request, **k):
        import io
        r = requests.Response()
        r.status_code = 200
        r.url = request.url
        r.request = request
        r.raw = io.BytesIO(('mock %s %s' % (request.method, request.url)).encode())
        return r
    def close(self): pass
s = requests.Session()
s.mount('http://mounted.test', Mock())
out = s.get(A + '/r').text`,
    ours: async ({ session, a }) => {
      const s = session().mount('http://mounted.test', mock('mock'));
      return (await s.get(a.url('/r')).text()).trim();
    },
  },
  {
    id: 'M04',
    rows: [8],
    title: 'a closed session says so',
    want: '>',
    reason: 'requests opens new connections after close()',
    python: `
s = requests.Session()
s.close()
out = failure(lambda: s.get(A + '/'))`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.close();
      return failure(() => s.get(a.url('/')));
    },
    expected: { outcome: 'closed', log: { a: [] } },
  },
  {
    id: 'M06',
    rows: [119],
    title: 'a pool that blocks holds to its size, and everybody is served',
    want: '=',
    concurrent: true,
    headers: [],
    script: ({ a }) => {
      a.otherwise(sequence(sleep(30), respond()));
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(pool_maxsize=2, pool_block=True))
statuses = []
threads = [threading.Thread(target=lambda: statuses.append(s.get(A + '/').status_code)) for _ in range(10)]
[t.start() for t in threads]; [t.join() for t in threads]
out = [len(statuses), set(statuses) == {200}]`,
    ours: async ({ session, a }) => {
      const s = session({ pool: { connections: 2 } });
      const statuses = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const response = await s.get(a.url('/'));
          await response.text();
          return response.status;
        }),
      );
      return [statuses.length, statuses.every((status) => status === 200)];
    },
  },
  {
    id: 'M07',
    rows: [120],
    title: 'a kept connection that dies under the next request costs one quiet repetition',
    want: '>',
    reason: 'requests raises ConnectionError for this race (psf/requests#2364)',
    script: ({ a }) => {
      a.otherwise({
        when: { connection: 1, request: 2 },
        do: { close: {} },
        otherwise: { respond: { body: 'ok' } },
      });
    },
    python: `
s = requests.Session()
out = [s.get(A + '/1').text, failure(lambda: s.get(A + '/2'))]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: null });
      return [await s.get(a.url('/1')).text(), await failure(() => s.get(a.url('/2')))];
    },
    expected: { outcome: ['ok', 'none: 200'] },
  },
  {
    id: 'M08',
    rows: [121],
    title: 'Connection: close and HTTP/1.0 end a connection',
    want: '=',
    script: ({ a }) => {
      a.route('/close', respond({ headers: { connection: 'close' }, body: 'x' }));
      a.route('/old', respond({ version: '1.0', framing: 'close', body: 'x' }));
    },
    python: `
s = requests.Session()
for p in ('/close', '/old', '/kept', '/kept'):
    s.get(A + p)`,
    ours: async ({ session, a }) => {
      const s = session();
      for (const path of ['/close', '/old', '/kept', '/kept']) await s.get(a.url(path)).text();
    },
  },
  {
    id: 'M09',
    rows: [119],
    title: 'each origin has its own connections',
    want: '~',
    uses: ['a', 'b'],
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(pool_connections=1))
for u in (A, B, A, B):
    s.get(u + '/')`,
    ours: async ({ session, a, b }) => {
      const s = session({ pool: { connections: 1 } });
      for (const server of [a, b, a, b]) await s.get(server.url('/')).text();
    },
    // requests forgets the pool of the other host in between.
    meaning: ({ log }) => [log.a?.length, log.b?.length],
  },
  {
    id: 'G08',
    rows: [123],
    title: 'a head without end is given up',
    want: '=',
    script: ({ a }) => {
      a.otherwise(respond({ headers: { 'x-long': 'x'.repeat(200_000) } }));
    },
    python: `out = failure(lambda: requests.get(A + '/'))`,
    ours: ({ session, a }) => failure(() => session({ retry: null }).get(a.url('/'))),
  },
];
