import { writeFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { redirect, respond } from '@httpsession/testing';
import { get, Session } from 'httpsession';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

/** V, E, M05, R07: TLS, serialisation, module functions. */
export const tlsAndSessionCases: readonly ParityCase[] = [
  {
    id: 'V01',
    rows: [88, 134],
    title: 'an empty setting does not switch the check of certificates off',
    want: '>',
    reason: "requests takes verify='' for verify=False",
    uses: ['t'],
    python: `
out = [failure(lambda: requests.get(T + '/', verify='')), failure(lambda: requests.get(T + '/', verify='/no/such/file'))]`,
    ours: async ({ session, t }) => {
      const verify = '' as unknown as boolean;
      const empty = await failure(async () => session({ tls: { verify } }).get(t.url('/')));
      const missing = await failure(async () =>
        session({ tls: { ca: '/no/such/file' }, retry: null }).get(t.url('/')),
      );
      return [empty, missing.startsWith('none')];
    },
    expected: { outcome: ['type-error', false] },
  },
  {
    id: 'V02',
    rows: [88, 92],
    title: 'a certificate must be for the host that was asked, and signed by somebody trusted',
    want: '=',
    uses: ['t'],
    tls: { certificate: { names: ['localhost'] } },
    files: { ca: '{CA}' },
    python: `
out = [failure(lambda: requests.get(T.replace('localhost', '127.0.0.1') + '/', verify=F('ca'))),
       failure(lambda: requests.get(T + '/', verify=F('ca'))), failure(lambda: requests.get(T + '/')),
       failure(lambda: requests.get(T + '/', verify=False))]`,
    ours: async ({ session, t, paths }) => {
      const tls = { ca: paths.ca };
      const s = session({ retry: null });
      return [
        await failure(() => s.get(t.url('/').replace('localhost', '127.0.0.1'), { tls })),
        await failure(() => s.get(t.url('/'), { tls })),
        await failure(() => s.get(t.url('/'))),
        await failure(() => s.get(t.url('/'), { tls: { verify: false } })),
      ];
    },
  },
  {
    id: 'V03',
    rows: [12, 13, 89],
    title: 'certificate authorities of the environment are used, and what is explicit beats them',
    want: '>',
    reason:
      'requests lets REQUESTS_CA_BUNDLE override session.verify (psf/requests#3829), and does not use it in send()',
    uses: ['t'],
    files: { ca: '{CA}', other: '' },
    env: {},
    python: `
def t(bundle, verify, name='REQUESTS_CA_BUNDLE'):
    os.environ.pop('CURL_CA_BUNDLE', None); os.environ.pop('REQUESTS_CA_BUNDLE', None)
    os.environ[name] = bundle
    s = requests.Session()
    s.verify = verify
    return failure(lambda: s.get(T + '/'))
import certifi
out = [t(F('ca'), True), t(F('ca'), True, 'CURL_CA_BUNDLE'), t(certifi.where(), False), t(certifi.where(), F('ca'))]`,
    ours: async ({ session, t, paths }) => {
      const { ca = '' } = paths;
      const untrusting = paths.other ?? '';
      await writeFile(untrusting, rootCertificates.slice(0, 2).join('\n'));
      const tried = (
        bundle: string,
        tls: { verify?: boolean; ca?: string } | undefined,
        name = 'REQUESTS_CA_BUNDLE',
      ) => {
        delete process.env.CURL_CA_BUNDLE;
        delete process.env.REQUESTS_CA_BUNDLE;
        process.env[name] = bundle;
        return failure(() => session({ retry: null, ...(tls && { tls }) }).get(t.url('/')));
      };
      return [
        await tried(ca, undefined),
        await tried(ca, undefined, 'CURL_CA_BUNDLE'),
        await tried(untrusting, { verify: false }),
        await tried(untrusting, { ca }),
      ];
    },
    expected: { outcome: ['none: 200', 'none: 200', 'none: 200', 'none: 200'] },
  },
  {
    id: 'V03b',
    rows: [14],
    title: 'a session tells the proxy that the environment adds to a request',
    want: '~',
    uses: ['proxy'],
    env: { https_proxy: '{P}' },
    python: `
settings = requests.Session().merge_environment_settings('https://some.test/', {}, None, None, None)
out = settings['proxies'].get('https') == P`,
    ours: ({ session, proxy }) => {
      const { proxy: explained } = session().explain('GET', 'https://some.test/').options;
      return (
        explained?.source === 'environment' && String(explained.value).includes(new URL(proxy.origin).host)
      );
    },
    meaning: ({ outcome }) => outcome,
  },
  {
    id: 'V04',
    rows: [90],
    title: 'a client certificate is shown to a server that asks for one',
    want: '=',
    uses: ['t'],
    tls: { requestCert: true },
    files: { ca: '{CA}', cert: '{CLIENT}' },
    python: `
out = [failure(lambda: requests.get(T + '/', verify=F('ca'), cert=F('cert')))]`,
    ours: async ({ session, t, paths, ca }) => [
      await failure(() => session({ tls: { ca, cert: paths.cert, key: paths.cert } }).get(t.url('/'))),
    ],
  },
  {
    id: 'V05',
    rows: [91],
    title: 'a connection that was made without checking is not used where checking is asked for',
    want: '=',
    uses: ['t'],
    headers: [],
    python: `
s = requests.Session()
out = [failure(lambda: s.get(T + '/', verify=False)), failure(lambda: s.get(T + '/', verify=True)), failure(lambda: s.get(T + '/', verify=False))]`,
    ours: async ({ session, t }) => {
      const s = session({ retry: null });
      return [
        await failure(async () => drained(s.get(t.url('/'), { tls: { verify: false } }))),
        await failure(() => s.get(t.url('/'))),
        await failure(async () => drained(s.get(t.url('/'), { tls: { verify: false } }))),
      ];
    },
  },
  {
    id: 'V05b',
    rows: [92, 126],
    title: 'a certificate that is not trusted is final',
    want: '>',
    reason: 'requests makes a handshake for each retry',
    uses: ['t'],
    headers: [],
    python: `
s = requests.Session()
s.mount('https://', HTTPAdapter(max_retries=2))
out = failure(lambda: s.get(T + '/'))
import socket
made = []
before = socket.socket.connect
socket.socket.connect = lambda self, address: (made.append(address), before(self, address))[1]
try:
    failure(lambda: s.get(T + '/'))
finally:
    socket.socket.connect = before
out = [out, len(made)]`,
    ours: async ({ session, t }) => {
      const outcome = await failure(() => session({ retry: 2 }).get(t.url('/')));
      return [outcome, t.connections.length];
    },
    expected: { outcome: ['tls', 1] },
  },
  {
    id: 'V06',
    rows: [60],
    title: 'credentials stay home where the scheme changes',
    want: '=',
    uses: ['a', 't'],
    files: { ca: '{CA}' },
    script: ({ a, t }) => {
      a.route('/up', redirect(302, t.url('/t')));
      t.route('/down', redirect(302, a.url('/t')));
    },
    python: `
s = requests.Session()
s.verify = F('ca')
s.get(A + '/up', auth=('u', 'p'))
s.get(T + '/down', auth=('u', 'p'))`,
    ours: async ({ session, a, t, ca }) => {
      const s = session({ tls: { ca }, redirect: { allowDowngrade: true } });
      await s.get(a.url('/up'), { auth: ['u', 'p'] });
      await s.get(t.url('/down'), { auth: ['u', 'p'] });
    },
  },
  {
    id: 'M05',
    rows: [9],
    title: 'the module functions share connections, and no cookies',
    want: '>',
    reason: 'requests makes a session, and a connection, for each call',
    headers: ['cookie'],
    script: ({ a }) => {
      a.otherwise(respond({ headers: { 'set-cookie': 'a=1; Path=/' } }));
    },
    python: `
for _ in range(3):
    requests.get(A + '/')`,
    ours: async ({ a }) => {
      for (let turn = 0; turn < 3; turn += 1) await get(a.url('/')).text();
    },
    expected: {
      log: {
        a: [
          ['GET', '/', {}, '', 1],
          ['GET', '/', {}, '', 1],
          ['GET', '/', {}, '', 1],
        ],
      },
    },
  },
  {
    id: 'E01',
    rows: [1, 10],
    title: 'a session survives being written down: its cookies, headers and params',
    want: '~',
    headers: ['cookie', 'x-session'],
    script: ({ a }) => {
      a.route('/set', respond({ headers: { 'set-cookie': 'a=1; Path=/; Max-Age=600' } }));
    },
    python: `
s = requests.Session()
s.headers['X-Session'] = '1'
s.params = {'p': '2'}
s.get(A + '/set')
s = pickle.loads(pickle.dumps(s))
s.get(A + '/')`,
    ours: async ({ session, a }) => {
      const first = session({ headers: { 'x-session': '1' }, params: { p: 2 } });
      await first.get(a.url('/set'));
      const written = JSON.stringify(first.toJSON({ credentials: true }));
      await using second = Session.fromJSON(JSON.parse(written));
      await second.get(a.url('/'));
    },
    meaning: ({ log }) => log.a?.map(([method, target, headers]) => [method, target, headers]),
  },
];

const drained = async (pending: PromiseLike<Response>): Promise<Response> => {
  const response = await pending;
  await response.text();
  return response;
};
