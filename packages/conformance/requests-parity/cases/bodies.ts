import { answerEarly, close, respond } from '@httpsession/testing';
import { PreparedRequest } from 'httpsession';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const framing = ['content-length', 'content-type', 'transfer-encoding'];

/** Gives `pieces` once. */
function* generator(...pieces: string[]): Generator<string> {
  yield* pieces;
}

/** B: request bodies. */
export const bodyCases: readonly ParityCase[] = [
  {
    id: 'B01',
    rows: [33],
    title: 'a form is urlencoded: lists repeat a name, nulls are left out',
    want: '~',
    python: `requests.post(A + '/', data={'a': '1 2', 'b': ['x', 'y'], 'c': None, 'd': True, 'e': 3, 'f': '\\xe9&='})`,
    ours: ({ session, a }) =>
      session().post(a.url('/'), { form: { a: '1 2', b: ['x', 'y'], c: null, d: true, e: 3, f: 'é&=' } }),
    // Python writes True, JavaScript true.
    meaning: ({ log }) =>
      log.a?.map(([method, , headers, body]) => [method, headers, body.replace('d=True', 'd=true')]),
  },
  {
    id: 'B03',
    rows: [34],
    title: 'text and bytes are sent as they are, with their length in bytes',
    want: '~',
    headers: framing,
    python: `
requests.post(A + '/', data='h\\xe9')
requests.post(A + '/', data=b'bytes')`,
    ours: async ({ session, a }) => {
      await session().post(a.url('/'), { body: 'hé' });
      await session().post(a.url('/'), { body: new TextEncoder().encode('bytes') });
    },
    // fetch and we give text a type of its own; requests sends none.
    meaning: ({ log }) => log.a?.map(([, , headers, body]) => [headers['content-length'], body]),
  },
  {
    id: 'B04',
    rows: [31],
    title: 'two bodies in one call are refused',
    want: '>',
    reason: 'requests drops json without a word when data is given',
    python: `out = failure(lambda: requests.post(A + '/', data={'a': '1'}, json={'b': 2}))`,
    ours: ({ session, a }) => failure(() => session().post(a.url('/'), { form: { a: '1' }, json: { b: 2 } })),
    expected: { outcome: 'type-error', log: { a: [] } },
  },
  {
    id: 'B05',
    rows: [32],
    title: 'json is sent as application/json',
    want: '~',
    python: `requests.post(A + '/', json={'a': [1, 2.5, None, True], 'é': 'ü'})`,
    ours: ({ session, a }) => session().post(a.url('/'), { json: { a: [1, 2.5, null, true], é: 'ü' } }),
    meaning: ({ log }) => log.a?.map(([method, , headers, body]) => [method, headers, JSON.parse(body)]),
  },
  {
    id: 'B06',
    rows: [32, 134],
    title: 'what JSON cannot say is refused',
    want: '>',
    reason:
      'requests leaks TypeError for some and raises InvalidJSONError for others; plain fetch sends null for NaN',
    python: `
out = [failure(lambda: requests.post(A + '/', json=v)) for v in (float('nan'), {'a': float('inf')}, b'x', {1, 2})]`,
    ours: async ({ session, a }) => {
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      const outcomes: string[] = [];
      for (const json of [Number.NaN, { a: Number.POSITIVE_INFINITY }, 1n, circular])
        outcomes.push(await failure(() => session().post(a.url('/'), { json })));
      return outcomes;
    },
    expected: { outcome: ['type-error', 'type-error', 'type-error', 'type-error'], log: { a: [] } },
  },
  {
    id: 'B08',
    rows: [35],
    title: 'a generator is sent chunk by chunk, without its empty chunks',
    want: '=',
    headers: ['content-length', 'transfer-encoding'],
    bodies: 'chunks',
    python: `
def body():
    yield 'hi'
    yield 'th\\xe9re'.encode()
    yield b''
    yield b'!'
requests.post(A + '/', data=body())`,
    ours: ({ session, a }) => session().post(a.url('/'), { body: generator('hi', 'thére', '', '!') }),
  },
  {
    id: 'B09',
    rows: [35],
    title: 'a file is sent with its length, from where it starts',
    want: '~',
    headers: framing,
    python: `
import io
f = io.BytesIO(b'0123456789')
f.seek(4)
for body in (io.BytesIO(b'abc'), f, io.BytesIO(b'')):
    requests.post(A + '/', data=body)`,
    ours: async ({ session, a }) => {
      for (const body of [new Blob(['abc']), new Blob(['0123456789']).slice(4), new Blob([])])
        await session().post(a.url('/'), { body });
    },
    // An empty file is chunked there, of length 0 here.
    meaning: ({ log }) => log.a?.map(([, , headers, body]) => [headers['content-length'] ?? '0', body]),
  },
  {
    id: 'B10',
    rows: [36],
    title: 'a method that may have a body says that it has none',
    want: '~',
    headers: ['content-length', 'transfer-encoding'],
    python: `
s = requests.Session()
for m in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH'):
    s.request(m, A + '/')`,
    ours: async ({ session, a }) => {
      const s = session();
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH']) await s.request(method, a.url('/'));
    },
    meaning: ({ log }) => log.a?.map(([method, , headers]) => [method, headers]),
  },
  {
    id: 'B11',
    rows: [37],
    title: 'GET may have a body',
    want: '=',
    headers: ['content-length'],
    python: `requests.get(A + '/', data=b'abc')`,
    ours: ({ session, a }) => session().get(a.url('/'), { body: new TextEncoder().encode('abc') }),
  },
  {
    id: 'B12',
    rows: [32, 33],
    title: "the caller's Content-Type stands, and null removes it",
    want: '>',
    reason: 'requests puts application/json back when the caller sets None',
    python: `
s = requests.Session()
s.post(A + '/', json=[], headers={'content-type': 'application/x-own'})
s.post(A + '/', json=[], headers={'Content-Type': None})`,
    ours: async ({ session, a }) => {
      const s = session();
      await s.post(a.url('/'), { json: [], headers: { 'content-type': 'application/x-own' } });
      await s.post(a.url('/'), { json: [], headers: { 'Content-Type': null } });
    },
    expected: {
      log: {
        a: [
          ['POST', '/', { 'content-type': 'application/x-own' }, '[]', 1],
          ['POST', '/', {}, '[]', 1],
        ],
      },
    },
  },
  {
    id: 'B13',
    rows: [38],
    title: 'multipart from a record: fields, a file with name and type, extra headers of a part',
    want: '=',
    python: `
requests.post(A + '/', files=[
    ('field', (None, 'value')), ('skipped', None), ('file', ('a.txt', 'content', 'text/plain', {'X-Part': '1'}))])`,
    ours: ({ session, a }) =>
      session().post(a.url('/'), {
        multipart: [
          ['field', 'value'],
          ['skipped', null],
          ['file', { value: 'content', filename: 'a.txt', type: 'text/plain', headers: { 'X-Part': '1' } }],
        ],
      }),
  },
  {
    id: 'B15',
    rows: [38],
    title: 'quotes and line breaks in names are escaped, UTF-8 is not, nulls are left out',
    want: '=',
    python: `
requests.post(A + '/', data={'n': None, 'i': 5}, files={'a"b\\r\\nc': ('f"i\\r\\nl\\xe9.txt', 'x')})`,
    ours: ({ session, a }) =>
      session().post(a.url('/'), {
        multipart: { n: null, i: 5, 'a"b\r\nc': { value: 'x', filename: 'f"i\r\nlé.txt', type: null } },
      }),
  },
  {
    id: 'B17',
    rows: [40],
    title: 'a multipart Content-Type without boundary is repaired',
    want: '>',
    reason: 'requests sends the header as given, and no server can read the body',
    python: `requests.post(A + '/', files={'f': (None, 'x')}, headers={'Content-Type': 'multipart/form-data'})`,
    ours: ({ session, a }) =>
      session().post(a.url('/'), {
        multipart: { f: 'x' },
        headers: { 'content-type': 'multipart/form-data' },
      }),
    expected: {
      log: {
        a: [
          [
            'POST',
            '/',
            { 'content-type': 'multipart/form-data; boundary={boundary}' },
            '--{boundary}\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n--{boundary}--\r\n',
            1,
          ],
        ],
      },
    },
  },
  {
    id: 'B19',
    rows: [7],
    title: 'methods are upper-cased tokens; what is none is refused',
    want: '>',
    reason: 'requests leaks ValueError for a space, and sends an empty method',
    python: `
out = [failure(lambda: requests.request(m, A + '/')) for m in ('patch', 'MkCol', 'GE T', '')]`,
    ours: async ({ session, a }) => {
      const s = session();
      const outcomes: string[] = [];
      for (const method of ['patch', 'MkCol', 'GE T', ''])
        outcomes.push(await failure(() => s.request(method, a.url('/'))));
      return outcomes;
    },
    expected: {
      outcome: ['none: 200', 'none: 200', 'type-error', 'type-error'],
      log: {
        a: [
          ['PATCH', '/', {}, '', 1],
          ['MKCOL', '/', {}, '', 1],
        ],
      },
    },
  },
  {
    id: 'B20',
    rows: [41],
    title: 'a prepared request with another body has another length',
    want: '>',
    reason: 'requests keeps the stale Content-Length, and the server waits for the rest',
    headers: ['content-length'],
    python: `
s = requests.Session()
p = s.prepare_request(requests.Request('POST', A + '/', data='hello'))
p.body = 'hi'
out = failure(lambda: s.send(p, timeout=0.3))`,
    ours: ({ session, a }) => {
      const s = session();
      const prepared = s.prepare('POST', a.url('/'), { body: 'hello' });
      return failure(() => s.send(prepared.withBody('hi')));
    },
    expected: { outcome: 'none: 200', log: { a: [['POST', '/', { 'content-length': '2' }, 'hi', 1]] } },
  },
  {
    id: 'B22',
    rows: [11, 41],
    title: "a prepared request carries the session's headers and can be sent",
    want: '=',
    headers: ['x-session', 'x-call'],
    python: `
s = requests.Session()
s.headers['X-Session'] = '1'
p = s.prepare_request(requests.Request('PUT', A + '/p', headers={'X-Call': '2'}, data=b'abc'))
out = [p.method, p.url, p.headers['X-Session'], s.send(p).status_code]`,
    ours: async ({ session, a }) => {
      const s = session({ headers: { 'x-session': '1' } });
      const prepared = s.prepare('PUT', a.url('/p'), {
        headers: { 'x-call': '2' },
        body: new TextEncoder().encode('abc'),
      });
      if (!(prepared instanceof PreparedRequest)) throw new TypeError('not prepared');
      return [prepared.method, prepared.url, prepared.header('x-session'), (await s.send(prepared)).status];
    },
  },
  {
    id: 'B23',
    rows: [21],
    title: "a caller's Transfer-Encoding is refused",
    want: '>',
    reason: 'requests sends it beside Content-Length (request smuggling)',
    headers: ['content-length', 'transfer-encoding'],
    script: ({ a }) => {
      a.otherwise({
        sequence: [{ at: 'headers' }, { respond: { status: 400 } }, { close: { linger: false } }],
      });
    },
    python: `
out = failure(lambda: requests.post(A + '/', data='abc', headers={'Transfer-Encoding': 'chunked'}))`,
    ours: ({ session, a }) =>
      failure(() => session().post(a.url('/'), { body: 'abc', headers: { 'transfer-encoding': 'chunked' } })),
    expected: { outcome: 'invalid-header', log: { a: [] } },
  },
  {
    id: 'B24',
    rows: [42],
    title: 'a 413 that comes while the body is still going up is delivered',
    want: '=',
    headers: [],
    bodies: 'ignored',
    script: ({ a }) => {
      a.otherwise(
        answerEarly(respond({ status: 413, headers: { connection: 'close' }, body: 'too large' }), close()),
      );
    },
    python: `
def body():
    for _ in range(320):
        yield b'x' * 65536
out = [requests.post(A + '/', data=b'x' * 20971520).status_code, requests.post(A + '/', data=body()).status_code]`,
    ours: async ({ session, a }) => {
      const piece = 'x'.repeat(65_536);
      const statuses = [(await session().post(a.url('/'), { body: new Uint8Array(20_971_520) })).status];
      const body = generator(...Array.from({ length: 320 }, () => piece));
      statuses.push((await session().post(a.url('/'), { body })).status);
      return statuses;
    },
  },
];
