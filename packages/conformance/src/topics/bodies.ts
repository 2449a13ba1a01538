import { echo } from '@httpsession/testing/remote';
import type { CallOptions, Progress } from 'httpsession';
import { check, rejection, same } from '../suite/check.ts';
import type { Harness, Stage } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

/** What is sent. */
export const bodies = ({ describe, it }: Harness): void => {
  describe('bodies', () => {
    for (const [what, options, body, type] of bodiesInMemory) {
      it(
        `${what} arrives as it was given, with its length`,
        async (stage) => {
          await stage.server.otherwise(echo());
          const request = await posted(stage, options());
          same([request.bodyText, request.header('content-type')], [body, type]);
          same(request.header('content-length'), String(new TextEncoder().encode(body).length));
        },
        { capability: 'bodies in memory' },
      );
    }

    it('a megabyte arrives whole', async (stage) => {
      await stage.server.otherwise(echo());
      const body = new Uint8Array(1 << 20).map((_, index) => index % 251);
      const request = await posted(stage, { body });
      check(request.body.length === body.length && request.body.every((byte, index) => byte === index % 251));
    });

    it(
      'FormData arrives as multipart with names of its files',
      async (stage) => {
        await stage.server.otherwise(echo());
        const form = new FormData();
        form.append('field', 'täxt');
        form.append('file', new Blob(['content'], { type: 'image/png' }), 'a "b".txt');
        const request = await posted(stage, { multipart: form });
        const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(
          request.header('content-type') ?? '',
        )?.[1];
        same(request.bodyText.replaceAll(boundary ?? '', '*').split('\r\n'), [
          '--*',
          'Content-Disposition: form-data; name="field"',
          '',
          'täxt',
          '--*',
          'Content-Disposition: form-data; name="file"; filename="a %22b%22.txt"',
          'Content-Type: image/png',
          '',
          'content',
          '--*--',
          '',
        ]);
      },
      { capability: 'bodies: multipart' },
    );

    it('a POST without a body says so', async (stage) => {
      await stage.server.otherwise(echo());
      const request = await posted(stage, {});
      same([request.header('content-length'), request.bodyText], ['0', '']);
    });

    it(
      'a generator and a stream of unknown length arrive whole',
      async (stage) => {
        await stage.server.otherwise(echo());
        async function* twice(): AsyncGenerator<string | Uint8Array> {
          yield 'one ';
          yield new Uint8Array([116, 119, 111]);
        }
        same((await posted(stage, { body: twice() })).bodyText, 'one two');
        same((await posted(stage, { body: new Blob(['stream']).stream() })).bodyText, 'stream');
      },
      {
        capability: 'bodies: streams of unknown length',
        refused: { edge: 'body' },
        native: { browser: 'over HTTP/1.1 gathered into a Blob first' },
      },
    );

    it(
      "an upload whose stream fails is never taken for complete, and its error is the caller's own",
      async ({ server, createSession }) => {
        await server.otherwise(echo());
        const gone = new Error('the disk is gone');
        async function* failing(): AsyncGenerator<string> {
          yield 'a part of it';
          throw gone;
        }
        const session = createSession({ retry: null });
        const error = await rejection(session.post(server.url('/'), { body: failing() }).text());
        if (error !== gone) throw error;
        check((await server.requests()).every(({ complete }) => !complete));
      },
      { refused: { edge: 'body' } },
    );

    it('a Blob is streamed with its length', async (stage) => {
      await stage.server.otherwise(echo());
      const blob = new Blob(['x'.repeat(300_000)], { type: 'text/plain' });
      const request = await posted(stage, { body: blob });
      same([request.body.length, request.header('content-length')], [300_000, '300000']);
    });

    it(
      'upload progress ends at the whole',
      async (stage) => {
        await stage.server.otherwise(echo());
        const seen: Progress[] = [];
        await posted(stage, {
          body: new Blob(['x'.repeat(100_000)]),
          onUploadProgress: (one) => void seen.push(one),
        });
        const last = seen.at(-1);
        same([last?.loaded, last?.total], [100_000, 100_000]);
        check(seen.every((one, index) => index === 0 || one.loaded >= (seen[index - 1]?.loaded ?? 0)));
      },
      { capability: 'onUploadProgress', refused: { browser: 'onUploadProgress' } },
    );

    it('nothing of a caller is changed', async ({ server, createSession }) => {
      await server.otherwise(echo());
      const headers = new Headers({ 'x-a': '1' });
      const options = Object.freeze({
        headers,
        json: Object.freeze({ a: 1 }),
        params: Object.freeze({ q: '1' }),
      });
      await createSession({ ...once, headers: { 'x-b': '2' } }).post(server.url('/'), options);
      same([[...headers], options.json, options.params], [[['x-a', '1']], { a: 1 }, { q: '1' }]);
    });
  });
};

const posted = async ({ server, createSession }: Stage, options: CallOptions) => {
  same((await createSession(once).post(server.url('/'), options)).status, 200);
  const last = await server.last();
  check(last !== undefined, 'nothing arrived');
  return last;
};

const bodiesInMemory: readonly (readonly [string, () => CallOptions, string, string | undefined])[] = [
  ['json', () => ({ json: { a: 'ü' } }), '{"a":"ü"}', 'application/json'],
  ['form', () => ({ form: { a: '1', b: ['2', '3'] } }), 'a=1&b=2&b=3', 'application/x-www-form-urlencoded'],
  ['text', () => ({ body: 'täxt' }), 'täxt', 'text/plain;charset=UTF-8'],
  ['bytes', () => ({ body: new Uint8Array([65, 66]) }), 'AB', undefined],
  [
    'a view of bytes',
    () => ({ body: new DataView(new Uint8Array([64, 65, 66]).buffer, 1) }),
    'AB',
    undefined,
  ],
  ['an ArrayBuffer', () => ({ body: new Uint8Array([65, 66]).buffer }), 'AB', undefined],
  ['a Blob', () => ({ body: new Blob(['blob'], { type: 'image/png' }) }), 'blob', 'image/png'],
  ['a Blob without a type', () => ({ body: new Blob(['blob']) }), 'blob', undefined],
  [
    'URLSearchParams',
    () => ({ body: new URLSearchParams({ a: 'b c' }) }),
    'a=b+c',
    'application/x-www-form-urlencoded;charset=UTF-8',
  ],
];
