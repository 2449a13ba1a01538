import { chunked, gzipped, redirect, respond, text } from '@httpsession/testing/remote';
import {
  BodyError,
  fetchTransport,
  JSONDecodeError,
  SchemaError,
  type Session,
  type SessionOptions,
  SessionResponse,
} from 'httpsession';
import { check, failure, rejection, same, thrown } from '../suite/check.ts';
import type { Harness, Stage } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

/** How a session comes by its responses: the same has to hold for each. */
interface Form {
  readonly form: string;
  session(stage: Stage, options?: SessionOptions): Session;
}

const forms: readonly Form[] = [
  {
    form: "the platform's transport",
    session: ({ createSession }, options = once) => createSession(options),
  },
  {
    form: 'fetchTransport(fetch)',
    session: ({ server, createSession }, options = once) =>
      createSession(options).mount(
        server.origin,
        fetchTransport((url, init) => fetch(url, init)),
      ),
  },
  {
    form: 'fetchTransport(app.fetch)',
    session: ({ server, createSession }, options = once) =>
      createSession(options).mount(
        server.origin,
        fetchTransport(async (url, init) => {
          const { status, statusText, headers, body } = await fetch(url, init);
          const bare = [204, 205, 304].includes(status);
          // A response that no network has made: `url` is empty, `type` is default.
          return new Response(bare ? null : body, { status, statusText, headers: [...headers] });
        }),
      ),
  },
];

/** What a response is and can do, whichever transport has made it. */
export const responses = ({ describe, it }: Harness): void => {
  for (const { form, session } of forms) {
    describe(`responses of ${form}`, () => {
      const capability = 'responses are WHATWG Responses';

      it(
        'they are Responses by instanceof, with status, headers and URL',
        async (stage) => {
          await stage.server.route(
            '/',
            respond({ status: 201, headers: { 'x-a': 'v', 'content-type': 'text/plain' }, body: 'x' }),
          );
          const response = await session(stage).get(stage.server.url('/#top'));
          check(response instanceof Response && response instanceof SessionResponse);
          same(Object.prototype.toString.call(response), '[object Response]');
          same([response.status, response.ok, response.redirected], [201, true, false]);
          same([response.headers.get('X-A'), response.headers.get('none')], ['v', null]);
          same([response.url, response.finalUrl], [stage.server.url('/'), stage.server.url('/#top')]);
          check(response.headers instanceof Headers);
        },
        { capability },
      );

      it(
        'a body is read once: bodyUsed, and TypeError for the second reader',
        async (stage) => {
          await stage.server.otherwise(text('body'));
          const one = session(stage);
          for (const read of ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const) {
            const response = await one.get(stage.server.url('/'));
            same([response.bodyUsed, response.body?.locked], [false, false]);
            await response[read]().catch(() => undefined);
            same([read, response.bodyUsed], [read, true]);
            await failure(response.text(), TypeError);
            check((await rejection(Promise.resolve().then(() => response.clone()))) instanceof TypeError);
          }
        },
        { capability },
      );

      it(
        'while the whole is read, nobody else gets a part of it',
        async (stage) => {
          await stage.server.route('/', chunked(['one', 'two']));
          const one = session(stage);
          for (const touched of [false, true]) {
            const response = await one.get(stage.server.url('/'));
            if (touched) check(response.body !== null);
            const whole = response.text();
            same([touched, response.body?.locked], [touched, true]);
            check(thrown(() => response.body?.getReader()) instanceof TypeError);
            same(await whole, 'onetwo');
          }
        },
        { capability },
      );

      it(
        'text, bytes, arrayBuffer and blob give the same bytes',
        async (stage) => {
          await stage.server.otherwise(
            respond({ headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'tschüß' }),
          );
          const one = session(stage);
          const get = () => one.get(stage.server.url('/'));
          const wanted = [...new TextEncoder().encode('tschüß')];
          same(await (await get()).text(), 'tschüß');
          const bytes = await (await get()).bytes();
          same([bytes instanceof Uint8Array, [...bytes]], [true, wanted]);
          same([...new Uint8Array(await (await get()).arrayBuffer())], wanted);
          const blob = await (await get()).blob();
          same(
            [blob instanceof Blob, blob.type, await blob.text()],
            [true, 'text/plain; charset=utf-8', 'tschüß'],
          );
        },
        { capability },
      );

      it(
        'a reader locks the body, and shared readers are refused',
        async (stage) => {
          await stage.server.route('/', chunked(['one', 'two']));
          const response = await session(stage).get(stage.server.url('/'));
          const { body } = response;
          check(body instanceof ReadableStream && body === response.body);
          const reader = body.getReader();
          same([body.locked, response.bodyUsed], [true, false]);
          await failure(response.text(), TypeError);
          let read = '';
          for (let turn = await reader.read(); !turn.done; turn = await reader.read())
            read += new TextDecoder().decode(turn.value);
          same([read, response.bodyUsed], ['onetwo', true]);
        },
        { capability },
      );

      it(
        'clone() and its original are read apart, in any order',
        async (stage) => {
          await stage.server.otherwise(text('body'));
          const one = session(stage);
          const response = await one.get(stage.server.url('/'));
          const copy = response.clone();
          check(copy instanceof SessionResponse && copy !== response);
          same([await copy.text(), response.bodyUsed, await response.text()], ['body', false, 'body']);
          const other = await one.get(stage.server.url('/'));
          const second = other.clone();
          const third = other.clone();
          same([await other.text(), await second.text(), await third.text()], ['body', 'body', 'body']);
        },
        { capability },
      );

      it(
        'tee() of the body gives both halves the whole',
        async (stage) => {
          await stage.server.route('/', chunked(['a', 'b', 'c']));
          const { body } = await session(stage).get(stage.server.url('/'));
          check(body !== null);
          const [left, right] = body.tee().map((half) => new Response(half).text());
          same([await left, await right], ['abc', 'abc']);
        },
        { capability },
      );

      it(
        'cancel() of the body ends it',
        async (stage) => {
          await stage.server.route('/', chunked(['a', 'b', 'c'], { every: 20 }));
          const response = await session(stage).get(stage.server.url('/'));
          await response.body?.cancel();
          same(response.bodyUsed, true);
          await failure(response.text(), TypeError);
        },
        { capability },
      );

      it(
        'formData() reads urlencoded and multipart bodies, and says what is neither',
        async (stage) => {
          const { server } = stage;
          await server.route(
            '/url',
            respond({
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
              body: 'a=1&b=%C3%BC',
            }),
          );
          await server.route(
            '/parts',
            respond({
              headers: { 'content-type': 'multipart/form-data; boundary=x' },
              body: '--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--x--\r\n',
            }),
          );
          await server.route('/text', text('neither'));
          const one = session(stage);
          const url = await (await one.get(server.url('/url'))).formData();
          same(
            [...url],
            [
              ['a', '1'],
              ['b', 'ü'],
            ],
          );
          const file = (await (await one.get(server.url('/parts'))).formData()).get('f');
          check(file instanceof File);
          same([file.name, await file.text()], ['a.txt', 'file']);
          await failure((await one.get(server.url('/text'))).formData(), BodyError);
        },
        { capability },
      );

      it(
        'json() parses, and tells what is not JSON with its text',
        async (stage) => {
          const { server } = stage;
          await server.route('/', text('\ufeff{"a":[1,2]}'));
          await server.route('/html', text('<html>'));
          await server.route('/empty', respond(200));
          const one = session(stage);
          same(await (await one.get(server.url('/'))).json(), { a: [1, 2] });
          const error = await failure((await one.get(server.url('/html'))).json(), JSONDecodeError);
          same([error.code, error.text], ['ERR_JSON_DECODE', '<html>']);
          await failure((await one.get(server.url('/empty'))).json(), JSONDecodeError);
        },
        { capability },
      );

      it(
        'json(schema) gives what a Standard Schema makes of it',
        async (stage) => {
          await stage.server.otherwise(text('{"n":"1"}'));
          const one = session(stage);
          const schema = {
            '~standard': {
              version: 1 as const,
              vendor: 'test',
              validate: (value: unknown) =>
                typeof value === 'object' && value !== null && 'n' in value
                  ? { value: Number(value.n) }
                  : { issues: [{ message: 'no n' }] },
            },
          };
          same(await (await one.get(stage.server.url('/'))).json(schema), 1);
          await stage.server.otherwise(text('[]'));
          const error = await failure((await one.get(stage.server.url('/'))).json(schema), SchemaError);
          same(
            error.issues.map(({ message }) => message),
            ['no n'],
          );
        },
        { capability: 'json(schema)' },
      );

      it(
        'text() obeys the charset, a byte order mark and the argument',
        async (stage) => {
          const { server } = stage;
          await server.route(
            '/latin',
            respond({
              headers: { 'content-type': 'text/plain; charset=iso-8859-1' },
              body: new Uint8Array([0xe9]),
            }),
          );
          await server.route(
            '/bom',
            respond({
              headers: { 'content-type': 'text/plain' },
              body: new Uint8Array([0xff, 0xfe, 0xe9, 0]),
            }),
          );
          await server.route('/sjis', respond({ body: new Uint8Array([0x83, 0x65]) }));
          const one = session(stage);
          const latin = await one.get(server.url('/latin'));
          same([latin.encoding, await latin.text()], ['windows-1252', 'é']);
          same(await (await one.get(server.url('/bom'))).text(), 'é');
          same(await (await one.get(server.url('/sjis'))).text({ encoding: 'shift_jis' }), 'テ');
        },
        { capability: 'text() by charset' },
      );

      it(
        'a 204 and a HEAD have no body to read',
        async (stage) => {
          await stage.server.route('/', respond(204));
          await stage.server.route('/head', respond({ headers: { 'content-length': '1000' } }));
          const one = session(stage);
          const empty = await one.get(stage.server.url('/'));
          same([empty.status, await empty.text()], [204, '']);
          const head = await one.head(stage.server.url('/head'));
          same([head.status, head.headers.get('content-length'), await head.text()], [200, '1000', '']);
        },
        { capability },
      );

      it(
        "toResponse() is the platform's own, with headers that fit its decoded body",
        async (stage) => {
          await stage.server.route(
            '/',
            respond({ headers: { 'content-encoding': 'gzip', 'x-a': 'v' }, body: gzipped('hello') }),
          );
          const response = (await session(stage).get(stage.server.url('/'))).toResponse();
          check(response instanceof Response && !(response instanceof SessionResponse));
          same(
            [response.headers.get('content-encoding'), response.headers.get('content-length')],
            [null, null],
          );
          same([response.status, response.headers.get('x-a'), await response.text()], [200, 'v', 'hello']);
        },
        { capability: 'toResponse()' },
      );

      it(
        'headers can be listed, and Set-Cookie stays apart',
        async (stage) => {
          await stage.server.route(
            '/',
            respond({
              headers: [
                ['x-b', '1'],
                ['x-a', '2'],
                ['x-b', '3'],
                ['link', '</n>; rel="next"'],
              ],
            }),
          );
          const { headers, links } = await session(stage).get(stage.server.url('/'));
          same(
            [...headers].filter(([name]) => name.startsWith('x-')),
            [
              ['x-a', '2'],
              ['x-b', '1, 3'],
            ],
          );
          same([headers.has('X-B'), links.next?.url], [true, stage.server.url('/n')]);
        },
        { capability },
      );

      it('elapsed, attempts and request tell how it came', async (stage) => {
        await stage.server.route('/', text('x'));
        const response = await session(stage).get(stage.server.url('/?a=1'));
        check(response.elapsed >= 0 && response.elapsed < 5_000, String(response.elapsed));
        same(
          [response.attempts, response.request.method, response.request.url],
          [1, 'GET', stage.server.url('/?a=1')],
        );
      });
    });
  }

  describe('responses', () => {
    it('history can be read after the call', async (stage) => {
      const { server, createSession } = stage;
      await server.route('/', redirect(302, '/next', { body: 'moved' }));
      await server.route('/busy', [
        respond({ status: 503, body: 'busy', headers: { 'retry-after': '0' } }),
        text('fine'),
      ]);
      await server.route('/next', text('here'));
      const session = createSession();
      const busy = await session.get(server.url('/busy'));
      same([await busy.text(), await busy.history[0]?.text()], ['fine', 'busy']);
      if (stage.platform === 'browser') return; // redirects are not seen
      const moved = await session.get(server.url('/'));
      same([await moved.text(), await moved.history[0]?.text()], ['here', 'moved']);
    });
  });
};
