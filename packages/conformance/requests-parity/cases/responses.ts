import {
  type Bytes,
  chunked,
  close,
  cut,
  deflated,
  deflatedRaw,
  gzipped,
  joined,
  latin1,
  raw,
  redirect,
  repeated,
  respond,
  sequence,
  sleep,
} from '@httpsession/testing';
import { digest, type SessionResponse } from 'httpsession';
import { digestGate } from '../digest-server.ts';
import { failure } from '../outcome.ts';
import type { ParityCase } from '../parity-case.ts';

const coded = (coding: string, body: Bytes) => respond({ headers: { 'content-encoding': coding }, body });

/** Codings that both sides undo. */
const CODINGS: Readonly<Record<string, ReturnType<typeof respond>>> = {
  gzip: coded('gzip', gzipped('hello')),
  'x-gzip': coded('x-gzip', gzipped('hello')),
  upper: coded('GZIP', gzipped('hello')),
  zlib: coded('deflate', deflated('hello')),
  raw: coded('deflate', deflatedRaw('hello')),
  twice: coded('gzip, gzip', gzipped(gzipped('hello'))),
  members: coded('gzip', joined(gzipped('hel'), gzipped('lo'))),
  identity: coded('identity', 'hello'),
  corrupt: coded('gzip', 'not gzip at all'),
};

const TYPES: Readonly<Record<string, readonly [type: string, body: Bytes]>> = {
  utf8: ['text/plain; charset=utf-8', 'é'],
  latin: ['text/plain; charset=iso-8859-1', latin1('é')],
  quoted: ['text/plain; charset="utf-8"', 'é'],
  upper: ['TEXT/PLAIN; CHARSET=UTF-8', 'é'],
  none: ['text/plain', 'é'],
  html: ['text/html', 'é'],
  json: ['application/json', '"é"'],
  bom: ['text/plain', '\uFEFFé'],
  windows: ['text/plain; charset=windows-1252', latin1('\x80')],
  unknown: ['text/plain; charset=no-such', 'é'],
};

const LINKS: Readonly<Record<string, string>> = {
  plain: '</2>; rel="next"',
  two: '</2>; rel="next", </9>; rel="last"',
  bare: '</2>; rel=next',
  semicolon: '</2>; title="x;y"; rel="next"',
  equals: '</2>; title="a=b"; rel="next"',
  upper: '</2>; REL="next"',
  comma: '</2?a,b>; rel="next"',
  both: '</2>; rel="next last"',
  none: '</2>; title="x"',
};

const inBytes = (body: string, spec: string): string => `HTTP/1.1 200 OK\r\n${spec}\r\n\r\n${body}`;

/** S: responses. */
export const responseCases: readonly ParityCase[] = [
  {
    id: 'S01',
    rows: [102],
    title: 'a connection is used again once the body is read, and not when it was given up',
    want: '=',
    script: ({ a }) => {
      a.otherwise(respond({ body: repeated('x', 300_000) }));
    },
    python: `
s = requests.Session()
s.get(A + '/unread', stream=True); s.get(A + '/1')
s = requests.Session()
s.get(A + '/read', stream=True).content; s.get(A + '/2')
s = requests.Session()
s.get(A + '/closed', stream=True).close(); s.get(A + '/3')`,
    ours: async ({ session, a }) => {
      const unread = session();
      const held = await unread.get(a.url('/unread'));
      await unread.get(a.url('/1')).bytes();
      const read = session();
      await (await read.get(a.url('/read'))).bytes();
      await read.get(a.url('/2')).bytes();
      const closed = session();
      await (await closed.get(a.url('/closed')))[Symbol.asyncDispose]();
      await closed.get(a.url('/3')).bytes();
      await held.bytes();
    },
  },
  {
    id: 'S02',
    rows: [104],
    title: 'chunks have exactly the size that was asked for',
    want: '>',
    reason: 'requests cuts at the borders of the server’s own chunks',
    script: ({ a }) => {
      a.route('/length', respond({ body: '0123456789' }));
      a.route('/chunked', chunked(['012', '34', '5678901'], { every: 20 }));
    },
    python: `
out = [[len(c) for c in requests.get(A + p, stream=True).iter_content(4)] for p in ('/length', '/chunked')]`,
    ours: async ({ session, a }) => {
      const sizes: number[][] = [];
      for (const path of ['/length', '/chunked']) {
        const own: number[] = [];
        for await (const chunk of (await session().get(a.url(path))).chunks(4)) own.push(chunk.length);
        sizes.push(own);
      }
      return sizes;
    },
    expected: {
      outcome: [
        [4, 4, 2],
        [4, 4, 4],
      ],
    },
  },
  {
    id: 'S03',
    rows: [105],
    title: 'lines are the same wherever the stream is cut',
    want: '>',
    reason: 'requests yields an empty line where CRLF is split over two chunks (psf/requests#5540)',
    script: ({ a }) => {
      a.otherwise(chunked(['a\r', '\nb\n', 'c\u2028d\r\n', 'e'], { every: 30 }));
    },
    python: `out = [l.decode() for l in requests.get(A + '/', stream=True).iter_lines(chunk_size=2)]`,
    ours: async ({ session, a }) => {
      const lines: string[] = [];
      for await (const line of (await session().get(a.url('/'))).lines()) lines.push(line);
      return lines;
    },
    expected: { outcome: ['a', 'b', 'c\u2028d', 'e'] },
  },
  {
    id: 'S04',
    rows: [103],
    title: 'a body is read once, and whoever comes second is told so',
    want: '>',
    reason: 'requests gives the rest, nothing at all or an error, by what was read before',
    script: ({ a }) => {
      a.otherwise(respond({ body: 'hello' }));
    },
    python: `
r = requests.get(A + '/', stream=True)
next(r.iter_content(2))
part = r.content.decode()
r = requests.get(A + '/', stream=True)
r.close()
out = [part, r.content.decode()]`,
    ours: async ({ session, a }) => {
      const half = await session().get(a.url('/'));
      for await (const _ of half.chunks(2)) break;
      const gone = await session().get(a.url('/'));
      await gone.text();
      return [await failure(() => half.text()), await failure(() => gone.text())];
    },
    expected: { outcome: ['type-error', 'type-error'] },
  },
  {
    id: 'S05',
    rows: [107],
    title:
      'a body shorter than announced is an error, a longer one is cut, one without framing ends with the connection',
    want: '~',
    script: ({ a }) => {
      a.route('/short', sequence(raw(inBytes('abc', 'Content-Length: 9')), close()));
      a.route('/long', sequence(raw(inBytes('abcdef', 'Content-Length: 3')), close()));
      a.route('/cut', sequence(raw(inBytes('5\r\nab', 'Transfer-Encoding: chunked')), close()));
      a.route('/bad', sequence(raw(inBytes('zz\r\nab\r\n', 'Transfer-Encoding: chunked')), close()));
      a.route('/none', sequence(raw(inBytes('abc', 'X: 1')), close()));
    },
    python: `
def t(p):
    try:
        return requests.get(A + p).text
    except Exception as e:
        return family_of(e)
out = [t(p) for p in ('/short', '/long', '/cut', '/bad', '/none')]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const path of ['/short', '/long', '/cut', '/bad', '/none']) {
        let text = '';
        const family = await failure(async () => {
          text = await (await session({ retry: null }).get(a.url(path))).text();
        });
        outcomes.push(family === 'none' ? text : family);
      }
      return outcomes;
    },
    meaning: ({ outcome }) => outcome,
  },
  {
    id: 'S07',
    rows: [106],
    title:
      'gzip, x-gzip, deflate of both kinds, lists and several members are decoded; corrupt ones are errors',
    want: '~',
    script: ({ a }) => {
      for (const [name, step] of Object.entries(CODINGS)) a.route(`/${name}`, step);
    },
    python: `
def t(p):
    try:
        return requests.get(A + p).text
    except Exception as e:
        return family_of(e)
out = [t('/' + n) for n in ${JSON.stringify(Object.keys(CODINGS))}]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const name of Object.keys(CODINGS)) {
        let text = '';
        const family = await failure(async () => {
          text = await (await session().get(a.url(`/${name}`))).text();
        });
        outcomes.push(family === 'none' ? text : family);
      }
      return outcomes;
    },
    meaning: ({ outcome }) => outcome,
  },
  {
    id: 'S07d',
    rows: [106],
    title: 'bytes behind a complete gzip body are of no interest',
    want: '=',
    script: ({ a }) => {
      a.otherwise(coded('gzip', joined(gzipped('hello'), 'junk')));
    },
    python: `out = requests.get(A + '/').text`,
    ours: ({ session, a }) => session().get(a.url('/')).text(),
  },
  {
    id: 'S07b',
    rows: [106, 107],
    title: 'a truncated gzip body is an error',
    want: '>',
    reason: 'requests returns what there is',
    script: ({ a }) => {
      a.otherwise(coded('gzip', cut(gzipped(repeated('hello', 100)), 0, -8)));
    },
    python: `out = failure(lambda: requests.get(A + '/').text)`,
    ours: ({ session, a }) => failure(async () => (await session().get(a.url('/'))).text()),
    expected: { outcome: 'decoding' },
  },
  {
    id: 'S07c',
    rows: [106],
    title: 'a coding that nobody knows is an error, not a body that looks like garbage',
    want: '>',
    reason: 'requests returns the coded bytes as if they were the text',
    script: ({ a }) => {
      a.otherwise(coded('x-unknown', 'coded'));
    },
    python: `out = failure(lambda: requests.get(A + '/').text)`,
    ours: ({ session, a }) => failure(async () => (await session().get(a.url('/'))).text()),
    expected: { outcome: 'decoding' },
  },
  {
    id: 'S08',
    rows: [109],
    title: 'text is decoded by charset, byte order mark or as UTF-8',
    want: '>',
    reason:
      'requests takes text/* without charset for Latin-1, keeps the BOM, and reads types in lower case only',
    script: ({ a }) => {
      for (const [name, [type, body]] of Object.entries(TYPES))
        a.route(`/${name}`, respond({ headers: { 'content-type': type }, body }));
    },
    python: `out = {n: requests.get(A + '/' + n).text for n in ${JSON.stringify(Object.keys(TYPES))}}`,
    ours: async ({ session, a }) => {
      const texts: Record<string, string> = {};
      for (const name of Object.keys(TYPES))
        texts[name] = await session()
          .get(a.url(`/${name}`))
          .text();
      return texts;
    },
    expected: {
      outcome: {
        utf8: 'é',
        latin: 'é',
        quoted: 'é',
        upper: 'é',
        none: 'é',
        html: 'é',
        json: '"é"',
        bom: 'é',
        windows: '€',
        unknown: 'é',
      },
    },
  },
  {
    id: 'S09',
    rows: [110],
    title: 'JSON may begin with a byte order mark; what is none is an error that holds the text',
    want: '>',
    reason: 'requests fails on the BOM when Content-Type says application/json (psf/requests#6528)',
    script: ({ a }) => {
      a.route('/bom', respond({ headers: { 'content-type': 'application/json' }, body: '\uFEFF{"a":1}' }));
      a.route('/html', respond({ body: '<html>' }));
      a.route('/empty', respond(204));
    },
    python: `out = [failure(lambda: requests.get(A + p).json()) for p in ('/bom', '/html', '/empty')]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const path of ['/bom', '/html', '/empty'])
        outcomes.push(await failure(async () => (await session().get(a.url(path))).json()));
      return outcomes;
    },
    expected: { outcome: ['none', 'json', 'json'] },
  },
  {
    id: 'S10',
    rows: [99, 100],
    title: '4xx and 5xx raise when asked to, and nothing else does',
    want: '~',
    script: ({ a }) => {
      for (const status of [200, 304, 399, 400, 404, 418, 499, 500, 599, 600])
        a.route(`/${status}`, respond(status));
    },
    python: `
out = [failure(lambda: requests.get(A + '/%d' % s).raise_for_status()) for s in (200, 304, 399, 400, 404, 418, 499, 500, 599, 600)]`,
    ours: async ({ session, a }) => {
      const outcomes: string[] = [];
      for (const status of [200, 304, 399, 400, 404, 418, 499, 500, 599, 600])
        outcomes.push(
          await failure(async () => {
            (await session({ retry: null }).get(a.url(`/${status}`))).raiseForStatus();
          }),
        );
      return outcomes;
    },
    meaning: ({ outcome }) => outcome,
  },
  {
    id: 'S11',
    rows: [111],
    title: 'Link headers are read by RFC 8288, targets made absolute',
    want: '>',
    reason: 'requests loses a rel behind a quoted semicolon or equals sign and one in upper case',
    script: ({ a }) => {
      for (const [name, link] of Object.entries(LINKS)) a.route(`/${name}`, respond({ headers: { link } }));
    },
    python: `
out = {n: requests.get(A + '/' + n).links.get('next', {}).get('url') for n in ${JSON.stringify(Object.keys(LINKS))}}`,
    ours: async ({ session, a }) => {
      const targets: Record<string, string | null> = {};
      for (const name of Object.keys(LINKS))
        targets[name] = (await session().get(a.url(`/${name}`))).links.next?.url ?? null;
      return targets;
    },
    expected: {
      outcome: {
        plain: '{A}/2',
        two: '{A}/2',
        bare: '{A}/2',
        semicolon: '{A}/2',
        equals: '{A}/2',
        upper: '{A}/2',
        comma: '{A}/2?a,b',
        both: '{A}/2',
        none: null,
      },
    },
  },
  {
    id: 'S12',
    rows: [101],
    title: 'elapsed is the time to the headers of the last hop',
    want: '=',
    script: ({ a }) => {
      a.route('/1', sequence(sleep(400), redirect(302, '/2')));
      a.route('/2', sequence(raw('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n'), sleep(300), raw('x')));
    },
    python: `
r = requests.get(A + '/1')
out = [r.elapsed.total_seconds() < 0.25, r.history[0].elapsed.total_seconds() >= 0.39]`,
    ours: async ({ session, a }) => {
      const r = await session().get(a.url('/1'));
      return [r.elapsed < 250, (r.history[0]?.elapsed ?? 0) >= 390];
    },
  },
  {
    id: 'S16',
    rows: [20],
    title: 'a folded header is one line, or the response is refused',
    want: '>',
    reason: 'requests hands CR and LF of the fold on to the caller',
    script: ({ a }) => {
      a.otherwise(raw('HTTP/1.1 200 OK\r\nX-A: a\r\n  b\r\nContent-Length: 0\r\n\r\n'));
    },
    python: `out = '\\r' in requests.get(A + '/').headers['X-A']`,
    ours: async ({ session, a }) => {
      let value = '';
      await failure(async () => {
        value = (await session({ retry: null }).get(a.url('/'))).headers.get('x-a') ?? '';
      });
      return value.includes('\r');
    },
    expected: { outcome: false },
  },
  {
    id: 'S17',
    rows: [106],
    title: 'a body that decodes to more than the limit is given up',
    want: '>',
    reason: 'requests reads whatever a small gzip grows to',
    script: ({ a }) => {
      a.otherwise(coded('gzip', gzipped(repeated('x', 20_000_000))));
    },
    python: `out = failure(lambda: requests.get(A + '/').content)`,
    ours: ({ session, a }) =>
      failure(async () => (await session({ maxResponseSize: 1_000_000 }).get(a.url('/'))).bytes()),
    expected: { outcome: 'body-too-large' },
  },
  {
    id: 'S21',
    rows: [104],
    title: 'characters split over chunks stay whole',
    want: '=',
    script: ({ a }) => {
      const bytes = [...Buffer.from('é☃x')].map((byte): Bytes => latin1(String.fromCharCode(byte)));
      a.otherwise(chunked(bytes, { headers: { 'content-type': 'text/plain; charset=utf-8' }, every: 10 }));
    },
    python: `
r = requests.get(A + '/', stream=True)
out = ''.join(r.iter_content(1, decode_unicode=True))`,
    ours: async ({ session, a }) => {
      let text = '';
      for await (const line of (await session().get(a.url('/'))).lines()) text += line;
      return text;
    },
  },
  {
    id: 'S22',
    rows: [67],
    title: 'the history holds challenges and redirects alike',
    want: '>',
    reason: 'requests loses the 401s once a redirect follows',
    headers: [],
    script: ({ a }) => {
      a.route('/1', digestGate({ accepted: { status: 302, headers: [['location', '/2']] } }));
      a.route('/2', digestGate({ nonce: 'n2' }));
    },
    python: `out = [h.status_code for h in requests.get(A + '/1', auth=HTTPDigestAuth('u', 'p')).history]`,
    ours: async ({ session, a }) => {
      const r = await session().get(a.url('/1'), { auth: digest('u', 'p') });
      return r.history.map(({ status, tag }: SessionResponse) => `${status} ${tag}`);
    },
    expected: { outcome: ['401 challenge', '302 redirect', '401 challenge'] },
  },
];
