import {
  close,
  drip,
  head,
  raw,
  readNothing,
  reset,
  respond,
  sequence,
  sleep,
  stall,
} from '@httpsession/testing';
import { failure, seen } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

/** T: timeouts and broken connections. */
export const timeoutCases: readonly ParityCase[] = [
  {
    id: 'T01',
    rows: [94, 133],
    title: 'silence before the headers is a timeout of its own kind',
    want: '=',
    script: ({ a }) => {
      a.otherwise(stall());
    },
    python: `out = failure(lambda: requests.get(A + '/', timeout=0.2))`,
    ours: ({ session, a }) =>
      failure(() => session({ retry: null }).get(a.url('/'), { timeout: { headers: 200 } })),
  },
  {
    id: 'T02',
    rows: [94, 97],
    title: 'a trickling body ends at the total limit',
    want: '>',
    reason: 'requests has no total: a byte now and then keeps it waiting for ever (psf/requests#3099)',
    script: ({ a }) => {
      a.otherwise(drip('0123456789', { every: 100 }));
    },
    python: `out = failure(lambda: requests.get(A + '/', timeout=0.3))`,
    ours: ({ session, a }) => failure(async () => (await session().get(a.url('/'), { timeout: 300 })).text()),
    expected: { outcome: 'timeout:total' },
  },
  {
    id: 'T03',
    rows: [95, 133],
    title: 'a body that stalls is a timeout, however it is read',
    want: '>',
    reason: 'requests raises ConnectionError (psf/requests#5430)',
    script: ({ a }) => {
      a.otherwise(sequence(raw('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), stall()));
    },
    python: `
out = [failure(lambda: requests.get(A + '/', timeout=0.2)),
       failure(lambda: list(requests.get(A + '/', timeout=0.2, stream=True).iter_content(1)))]`,
    ours: async ({ session, a }) => {
      const s = session({ timeout: { idle: 200 } });
      return [
        await failure(async () => (await s.get(a.url('/'))).text()),
        await failure(async () => {
          for await (const _ of (await s.get(a.url('/'))).chunks(1));
        }),
      ];
    },
    expected: { outcome: ['timeout:body', 'timeout:body'] },
  },
  {
    id: 'T04',
    rows: [96, 133],
    title:
      'no answer to connecting is a timeout of connecting; refused and unknown hosts are failures of the connection',
    want: '=',
    uses: [],
    python: `
out = [failure(lambda: requests.get(FULL + '/', timeout=0.3)), failure(lambda: requests.get(REFUSED + '/')),
       failure(lambda: requests.get('http://unknown.invalid/'))]`,
    ours: async ({ session, full, refused }) => {
      const s = session({ retry: null, timeout: { connect: 300 } });
      return [
        await failure(() => s.get(full)),
        await failure(() => s.get(refused)),
        await failure(() => s.get('http://unknown.invalid/')),
      ];
    },
  },
  {
    id: 'T05',
    rows: [93, 134],
    title: 'what is no time limit is refused by its name',
    want: '>',
    reason: 'requests leaks ValueError and OverflowError, and waits for ever unless told otherwise',
    python: `
out = [failure(lambda: requests.get(A + '/', timeout=t)) for t in (0, -1, True, 'soon', (1, 2, 3))]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const timeout of [0, -1, true, 'soon', [1, 2, 3]])
        outcomes.push(await failure(() => session().get(a.url('/'), { timeout: timeout as number })));
      return outcomes;
    },
    expected: { outcome: ['type-error', 'type-error', 'type-error', 'type-error', 'type-error'] },
  },
  {
    id: 'T06',
    rows: [107, 133],
    title: 'a response whose head is cut off or garbage is a failure',
    want: '>',
    reason: 'requests takes the end of the connection within the headers for the end of the headers: 200',
    script: ({ a }) => {
      a.route('/close', close());
      a.route('/garbage', sequence(raw('what is this\r\n\r\n'), close()));
      a.route('/rst', reset());
      a.route('/eof', sequence(raw('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-'), close()));
      a.route('/version', sequence(raw('HTTP/9.9 200 OK\r\n\r\n'), close()));
    },
    python: `
out = [failure(lambda: requests.get(A + p)) for p in ('/close', '/garbage', '/rst', '/eof', '/version')]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const path of ['/close', '/garbage', '/rst', '/eof', '/version'])
        outcomes.push(await failure(() => session({ retry: null }).get(a.url(path))));
      return outcomes;
    },
    expected: { outcome: ['connection', 'connection', 'connection', 'connection', 'connection'] },
  },
  {
    id: 'T08',
    rows: [96],
    title: 'a server that does not read the body is a timeout of sending',
    want: '>',
    reason: 'requests measures it with the limit for connecting and raises ConnectionError',
    bodies: 'ignored',
    script: ({ a }) => {
      a.otherwise(sequence(readNothing(), stall()));
    },
    python: `out = failure(lambda: requests.post(A + '/', data=b'x' * 50000000, timeout=(0.5, 3)))`,
    ours: ({ session, a }) =>
      failure(() =>
        session({ retry: null }).post(a.url('/'), {
          body: new Uint8Array(50_000_000),
          timeout: { headers: 500 },
        }),
      ),
    expected: { outcome: 'timeout:send' },
  },
  {
    id: 'T09',
    rows: [97],
    title: 'waiting for a free connection counts against the limits',
    want: '>',
    reason: 'requests waits for its pool without any limit',
    bodies: 'ignored',
    script: ({ a }) => {
      a.otherwise(sequence(sleep(700), respond()));
    },
    python: `
s = requests.Session()
s.mount('http://', HTTPAdapter(pool_maxsize=1, pool_block=True))
first = threading.Thread(target=lambda: s.get(A + '/1'))
first.start()
time.sleep(0.1)
start = time.time()
failure(lambda: s.get(A + '/2', timeout=0.3))
out = time.time() - start < 0.5
first.join()`,
    ours: async ({ session, a }) => {
      const s = session({ pool: { connections: 1 }, retry: null });
      const first = s.get(a.url('/1'));
      const start = performance.now();
      const outcome = await failure(() => s.get(a.url('/2'), { timeout: { queue: 300 } }));
      const inTime = performance.now() - start < 500;
      await first;
      return outcome === 'timeout:queue' && inTime;
    },
    expected: { outcome: true },
  },
  {
    id: 'S14',
    rows: [108],
    title: 'every interim response is skipped',
    want: '>',
    reason: 'requests takes 102 and 103 for the answer (python/cpython#42550)',
    script: ({ a }) => {
      for (const status of [100, 102, 103])
        a.route(`/${status}`, sequence(head({ status }), respond({ body: 'end' })));
    },
    python: `out = [requests.get(A + '/%d' % s).status_code for s in (100, 102, 103)]`,
    ours: async ({ session, a }) => {
      const statuses: number[] = [];
      for (const status of [100, 102, 103])
        statuses.push((await seen(session().get(a.url(`/${status}`)))).status);
      return statuses;
    },
    expected: { outcome: [200, 200, 200] },
  },
];
