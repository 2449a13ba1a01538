import { close, redirect, respond, sequence, sleep, stall } from '@httpsession/testing';
import { RetryError, type RetryKind, SessionError, type SessionResponse, urllib3Retry } from 'httpsession';
import { failure, familyOf } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'POST', 'PATCH'];
const atOnce = { base: 0 };

/** What a formula of urllib3 would wait, in seconds, before each of six retries. */
const waits = (options: Parameters<typeof urllib3Retry>[0], response: SessionResponse): number[] => {
  const policy = urllib3Retry({ total: 6, statusForcelist: [503], ...options }, () => 0.5);
  const made: RetryKind[] = [];
  const seconds: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    seconds.push(
      (policy.delayAfter({ request: response.request, response, attempt }, 'status', made, 0) ?? -1000) /
        1000,
    );
    made.push('status');
  }
  return seconds;
};

/** Y: retries. */
export const retryCases: readonly ParityCase[] = [
  {
    id: 'Y01',
    rows: [126, 127],
    title: 'what fails in passing is tried again by default, twice, when that is safe',
    want: '>',
    reason: 'requests retries nothing by default',
    headers: [],
    script: ({ a }) => {
      a.route('/503', [respond(503), respond()]);
      a.route('/after', [respond({ status: 503, headers: { 'retry-after': '0' } }), respond()]);
      a.route('/drop', [close(), respond()]);
      a.route('POST /503', respond(503));
    },
    python: `
out = [failure(lambda: requests.request(m, A + p)) for m, p in (('GET', '/503'), ('GET', '/after'), ('GET', '/drop'), ('POST', '/503'))]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: { backoff: atOnce } });
      const outcomes: string[] = [];
      for (const [method, path] of [
        ['GET', '/503'],
        ['GET', '/after'],
        ['GET', '/drop'],
        ['POST', '/503'],
      ] as const)
        outcomes.push(
          await failure(async () => {
            const response = await s.request(method, a.url(path));
            await response.bytes(); // read to its end, so that its connection serves the next
            return response;
          }),
        );
      return outcomes;
    },
    expected: { outcome: ['none: 200', 'none: 200', 'none: 200', 'none: 503'] },
  },
  {
    id: 'Y02',
    rows: [127, 133],
    title: 'used-up retries raise an error that holds the last response',
    want: '>',
    reason: 'RetryError.response is None in requests',
    script: ({ a }) => {
      a.otherwise(respond({ status: 503, body: 'sorry' }));
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(2, status_forcelist=[503])))
try:
    s.get(A + '/')
except Exception as e:
    out = [family_of(e), e.response is not None]`,
    ours: async ({ session, a }) => {
      const retry = { limit: 2, backoff: atOnce, throwOnExhausted: true };
      try {
        return (await session({ retry }).get(a.url('/'))).status;
      } catch (error) {
        return [familyOf(error), error instanceof RetryError && error.response?.status === 503];
      }
    },
    expected: { outcome: ['retries-exhausted', true] },
  },
  {
    id: 'Y03',
    rows: [124, 126],
    title: 'POST and PATCH are not repeated for a status, the idempotent methods are',
    want: '~',
    headers: [],
    script: ({ a }) => {
      for (const method of METHODS) a.route(`${method} /`, [respond(503), respond()]);
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
out = [s.request(m, A + '/').status_code for m in ${JSON.stringify(METHODS)}]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: urllib3Retry({ total: 1, statusForcelist: [503] }) });
      const statuses: number[] = [];
      for (const method of METHODS) statuses.push((await s.request(method, a.url('/'))).status);
      return statuses;
    },
    meaning: ({ log, outcome }) => [outcome, log.a?.map(([method]) => method)],
  },
  {
    id: 'Y04',
    rows: [128],
    title: "urllib3's formula, wait for wait",
    want: '=',
    script: ({ a }) => {
      a.otherwise(respond(503));
    },
    python: `
requests.get(A + '/')
import random
def waits(**options):
    r = Retry(6, status_forcelist=[503], **options)
    found = []
    random_before = random.random
    random.random = lambda: 0.5
    try:
        for _ in range(6):
            r = r.increment('GET', '/', response=urllib3.HTTPResponse(status=503))
            found.append(float(r.get_backoff_time()))
    finally:
        random.random = random_before
    return found
out = [waits(backoff_factor=1), waits(backoff_factor=1, backoff_max=5), waits(backoff_factor=0.1, backoff_jitter=1), waits()]`,
    ours: async ({ session, a }) => {
      const response = await session({ retry: null }).get(a.url('/'));
      return [
        waits({ backoffFactor: 1 }, response),
        waits({ backoffFactor: 1, backoffMax: 5 }, response),
        waits({ backoffFactor: 0.1, backoffJitter: 1 }, response),
        waits({}, response),
      ];
    },
  },
  {
    id: 'Y05',
    rows: [97, 129],
    title: 'a Retry-After that is none is ignored, and one beyond all measure ends the retries',
    want: '>',
    reason: 'requests fails the request for an invalid header, and would sleep up to six hours',
    headers: [],
    script: ({ a }) => {
      for (const [index, value] of ['-1', '1.5x', '', 'soon', '3, 5'].entries())
        a.route(`/${index}`, [respond({ status: 503, headers: { 'retry-after': value } }), respond()]);
      a.route('/long', respond({ status: 503, headers: { 'retry-after': '99999' } }));
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
out = [failure(lambda: s.get(A + '/%d' % i)) for i in range(5)]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: { limit: 1, backoff: atOnce } });
      const outcomes: string[] = [];
      for (let index = 0; index < 5; index += 1)
        outcomes.push(await failure(() => s.get(a.url(`/${index}`))));
      return [...outcomes, await failure(() => s.get(a.url('/long')))];
    },
    expected: { outcome: ['none: 200', 'none: 200', 'none: 200', 'none: 200', 'none: 200', 'none: 503'] },
  },
  {
    id: 'Y06',
    rows: [125, 130],
    title: '413, 429 and 503 with Retry-After are tried again, 202 is not, and neither is a POST',
    want: '~',
    headers: [],
    script: ({ a }) => {
      for (const status of [413, 429, 503, 202])
        a.route(`/${status}`, [respond({ status, headers: { 'retry-after': '0' } }), respond()]);
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=3))
out = [s.get(A + '/%d' % c).status_code for c in (413, 429, 503, 202)] + [s.post(A + '/413').status_code]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: { limit: 3, backoff: atOnce } });
      const statuses: number[] = [];
      for (const status of [413, 429, 503, 202]) statuses.push((await s.get(a.url(`/${status}`))).status);
      return [...statuses, (await s.post(a.url('/413'))).status];
    },
    meaning: ({ outcome, log }) => [outcome, log.a?.map(([method, target]) => `${method} ${target}`)],
  },
  {
    id: 'Y07',
    rows: [126],
    title: 'a broken GET is repeated, a broken POST is not, and a POST that found no server is',
    want: '=',
    headers: [],
    script: ({ a }) => {
      a.route('/drop', [close(), respond()]);
      a.route('/stall', [stall(), respond()]);
      a.route('POST /drop', close());
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=3))
out = [failure(lambda: s.get(A + '/drop')), failure(lambda: s.get(A + '/stall', timeout=0.3)),
       failure(lambda: s.post(A + '/drop')), failure(lambda: s.post(REFUSED + '/'))]`,
    ours: async ({ session, a, refused }) => {
      const s = session({ retry: { limit: 3, backoff: atOnce } });
      return [
        await failure(() => s.get(a.url('/drop'))),
        await failure(() => s.get(a.url('/stall'), { timeout: { headers: 300 } })),
        await failure(() => s.post(a.url('/drop'))),
        await failure(() => s.post(`${refused}/`)),
      ];
    },
  },
  {
    id: 'Y07b',
    rows: [126],
    title: 'a POST that found no server was tried as often as the limit says',
    want: '=',
    uses: [],
    python: `
import socket
made = []
before = socket.socket.connect
def counting(self, address):
    made.append(address)
    return before(self, address)
socket.socket.connect = counting
try:
    s = requests.Session()
    s.mount('http://', HTTPAdapter(max_retries=2))
    failure(lambda: s.post(REFUSED + '/'))
finally:
    socket.socket.connect = before
out = len(made)`,
    ours: async ({ session, refused }) => {
      try {
        await session({ retry: { limit: 2, backoff: atOnce } }).post(`${refused}/`);
        return 0;
      } catch (error) {
        return SessionError.is(error) ? error.attempts : 0;
      }
    },
  },
  {
    id: 'Y09',
    rows: [131],
    title: 'a body goes out whole with each attempt, and one that cannot ends the retries',
    want: '>',
    reason: 'requests sends a generator again empty',
    headers: [],
    script: ({ a }) => {
      for (const path of ['/bytes', '/file', '/middle', '/generator'])
        a.route(path, [respond(503), respond()]);
    },
    python: `
import io
def g():
    yield b'gen'
f = io.BytesIO(b'0123456789'); f.seek(4)
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
for p, b in (('/bytes', b'bytes'), ('/file', io.BytesIO(b'file')), ('/middle', f), ('/generator', g())):
    s.put(A + p, data=b)`,
    ours: async ({ session, a }) => {
      const s = session({ retry: { limit: 1, backoff: atOnce } });
      const generator = (function* () {
        yield 'gen';
      })();
      for (const [path, body] of [
        ['/bytes', 'bytes'],
        ['/file', new Blob(['file'])],
        ['/middle', new Blob(['0123456789']).slice(4)],
        ['/generator', generator],
      ] as const)
        await failure(() => s.put(a.url(path), { body }));
    },
    expected: {
      log: {
        a: [
          ['PUT', '/bytes', {}, 'bytes', 1],
          ['PUT', '/bytes', {}, 'bytes', 1],
          ['PUT', '/file', {}, 'file', 1],
          ['PUT', '/file', {}, 'file', 1],
          ['PUT', '/middle', {}, '456789', 1],
          ['PUT', '/middle', {}, '456789', 1],
          ['PUT', '/generator', {}, 'gen', 1],
        ],
      },
    },
  },
  {
    id: 'Y10',
    rows: [116, 132],
    title: 'one budget holds for all hops, and every attempt is told',
    want: '>',
    reason: 'requests starts counting anew with each hop, and hooks see only the last attempt of each',
    headers: [],
    script: ({ a }) => {
      a.route('/1', [respond(503), redirect(302, '/2')]);
      a.route('/2', [respond(503), respond()]);
    },
    python: `
statuses = []
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
r = s.get(A + '/1', hooks={'response': lambda r, **k: statuses.append(r.status_code)})
out = [r.status_code, statuses]`,
    ours: async ({ session, a }) => {
      const statuses: number[] = [];
      const s = session({ retry: { limit: 1, backoff: atOnce } });
      const r = await s.get(a.url('/1'), {
        hooks: { afterExchange: ({ status }) => void statuses.push(status) },
      });
      return [r.status, statuses, r.attempts, r.history.map(({ status, tag }) => `${status} ${tag}`)];
    },
    expected: { outcome: [503, [503, 302, 503], 2, ['503 retry', '302 redirect']] },
  },
  {
    id: 'Y12',
    rows: [131],
    title: 'the slow body of a failed attempt is not waited for',
    want: '>',
    reason: 'requests drains it, however long that takes',
    headers: [],
    script: ({ a }) => {
      a.otherwise([
        sequence({ raw: 'HTTP/1.1 503 X\r\nContent-Length: 2\r\n\r\na' }, sleep(1_000), { raw: 'b' }),
        respond(),
      ]);
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
start = time.time()
s.get(A + '/')
out = time.time() - start < 0.6`,
    ours: async ({ session, a }) => {
      const start = performance.now();
      await session({ retry: { limit: 1, backoff: atOnce } }).get(a.url('/'));
      return performance.now() - start < 600;
    },
    expected: { outcome: true },
  },
  {
    id: 'Y13',
    rows: [124, 125, 131],
    title: 'each attempt carries the same credentials and cookies, and the policy is used up by none',
    want: '=',
    script: ({ a }) => {
      a.route('/1', [respond(503), respond()]);
      a.route('/2', [respond(503), respond()]);
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
out = [s.get(A + p, auth=('u', 'p'), cookies={'c': '1'}).status_code for p in ('/1', '/2')]`,
    ours: async ({ session, a }) => {
      const s = session({ retry: urllib3Retry({ total: 1, statusForcelist: [503] }) });
      const statuses: number[] = [];
      for (const path of ['/1', '/2'])
        statuses.push((await s.get(a.url(path), { auth: ['u', 'p'], cookies: { c: '1' } })).status);
      return statuses;
    },
  },
];
