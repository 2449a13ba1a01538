import {
  brotlied,
  chunked,
  cut,
  deflated,
  deflatedRaw,
  gzipped,
  raw,
  reset,
  respond,
  sequence,
  sleep,
  text,
} from '@httpsession/testing/remote';
import { BodyTooLargeError, DecodingError, type Progress } from 'httpsession';
import { check, failure, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { eager, once } from '../suite/scripts.ts';

/** Bodies as they come: by line, event and chunk; content codings. */
export const streaming = ({ describe, it }: Harness): void => {
  describe('streaming', () => {
    it(
      'lines are right across chunk borders and every line end',
      async ({ server, createSession }) => {
        await server.route('/', chunked(['on', 'e\r', '\ntwo\n\nü'], { every: 10 }));
        const response = await createSession(once).get(server.url('/'));
        same(await listed(response.lines()), ['one', 'two', '', 'ü']);
      },
      { capability: 'lines(), chunks(), ndjson(), sse()' },
    );

    it(
      'chunks(size) are exact',
      async ({ server, createSession }) => {
        await server.route('/', chunked(['abc', 'defgh', 'ij'], { every: 10 }));
        const response = await createSession(once).get(server.url('/'));
        const pieces = await listed(response.chunks(4));
        same(
          pieces.map((piece) => new TextDecoder().decode(piece)),
          ['abcd', 'efgh', 'ij'],
        );
      },
      { capability: 'lines(), chunks(), ndjson(), sse()' },
    );

    it(
      'ndjson() and sse() give values and events',
      async ({ server, createSession }) => {
        await server.route('/ndjson', chunked(['{"a":1}\n{"a"', ':2}\n'], { every: 10 }));
        await server.route(
          '/sse',
          chunked(['event: tick\ndata: 1\nid: 7\n\nda', 'ta: a\ndata: b\n\n'], { every: 10 }),
        );
        const session = createSession(once);
        same(await listed((await session.get(server.url('/ndjson'))).ndjson()), [{ a: 1 }, { a: 2 }]);
        const events = await listed((await session.get(server.url('/sse'))).sse());
        same(
          events.map(({ event, data }) => [event, data]),
          [
            ['tick', '1'],
            ['message', 'a\nb'],
          ],
        );
      },
      { capability: 'lines(), chunks(), ndjson(), sse()' },
    );

    it('the first chunk is there before the last was sent', async ({ server, createSession }) => {
      await server.route('/', chunked(['first', 'second'], { every: 400 }));
      const response = await createSession(once).get(server.url('/'));
      const startedAt = performance.now();
      for await (const line of response.chunks(5)) {
        same(new TextDecoder().decode(line), 'first');
        break;
      }
      check(performance.now() - startedAt < 350, `after ${performance.now() - startedAt} ms`);
    });

    it(
      'download progress counts the decoded bytes',
      async ({ server, createSession }) => {
        await server.route('/', respond({ body: 'x'.repeat(100_000) }));
        const seen: Progress[] = [];
        const onDownloadProgress = (one: Progress) => void seen.push(one);
        await (await createSession(once).get(server.url('/'), { onDownloadProgress })).text();
        same([seen.at(-1)?.loaded, seen.at(-1)?.total], [100_000, 100_000]);
      },
      { capability: 'onDownloadProgress' },
    );

    it(
      'maxResponseSize stops a body that is too large',
      async ({ server, createSession }) => {
        await server.otherwise(text('0123456789'));
        const session = createSession({ ...once, maxResponseSize: 9 });
        const error = await failure(session.get(server.url('/')).text(), BodyTooLargeError);
        same([error.code, error.limit], ['ERR_BODY_TOO_LARGE', 9]);
        same(await session.get(server.url('/'), { maxResponseSize: 10 }).text(), '0123456789');
      },
      { capability: 'maxResponseSize' },
    );

    for (const [coding, body] of Object.entries(codings)) {
      it(
        `the coding ${coding} is undone`,
        async ({ server, createSession }) => {
          const [name = ''] = coding.split(' (');
          await server.route('/', respond({ headers: { 'content-encoding': name }, body: body() }));
          same(await createSession(once).get(server.url('/')).text(), 'hello');
        },
        { capability: 'content codings gzip, br, deflate' },
      );
    }

    it(
      'two codings are undone, one after the other',
      async ({ server, platform, createSession }) => {
        const body = brotlied(gzipped('hello'));
        await server.route('/', respond({ headers: { 'content-encoding': 'gzip, br' }, body }));
        const call = createSession(once).get(server.url('/')).text();
        if (platform === 'edge') return void (await failure(call, DecodingError));
        same(await call, 'hello');
      },
      { native: { edge: 'workerd has no Brotli for a second coding: DecodingError' } },
    );

    it(
      'a truncated gzip body is an error',
      async ({ server, platform, createSession }) => {
        await server.route(
          '/',
          respond({
            headers: { 'content-encoding': 'gzip' },
            body: cut(gzipped('hello '.repeat(500)), 0, -12),
          }),
        );
        const call = createSession(once).get(server.url('/')).text();
        // Chromium and Firefox decode by themselves, and take what has come.
        if (platform === 'browser') return check('hello '.repeat(500).startsWith(await call));
        const error = await call.catch((one: unknown) => one);
        check(error instanceof Error && 'code' in error, String(error));
        check(error.code === 'ERR_DECODING' || error.code === 'ERR_INCOMPLETE_BODY', String(error.code));
      },
      {
        capability: 'truncated gzip is an error',
        native: { browser: 'the browser takes what has come for the whole' },
      },
    );

    it('an unknown coding is an error, not rubbish', async ({ server, createSession }) => {
      await server.route('/', respond({ headers: { 'content-encoding': 'rot13' }, body: 'uryyb' }));
      const error = await failure(createSession(once).get(server.url('/')).text(), DecodingError);
      same(error.code, 'ERR_DECODING');
    });

    it(
      'decompress: false gives the bytes as they were sent',
      async ({ server, createSession }) => {
        await server.route('/', respond({ headers: { 'content-encoding': 'gzip' }, body: gzipped('hello') }));
        const session = createSession(once);
        const bytes = await (await session.get(server.url('/'), { decompress: false })).bytes();
        same([...bytes.slice(0, 2)], [0x1f, 0x8b]);
      },
      { capability: 'decompress: false', refused: { browser: 'decompress' } },
    );

    it(
      'download() writes a body to a file whole, and goes on with one that broke off',
      async ({ server, createSession }) => {
        const { path, read, remove } = await temporaryFile();
        try {
          const etag = '"v1"';
          await server.route('/', [
            sequence(
              raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: "v1"\r\n\r\n01234'),
              sleep(60),
              reset(),
            ),
            respond({ status: 206, headers: { etag, 'content-range': 'bytes 5-9/10' }, body: '56789' }),
          ]);
          const session = createSession(eager);
          const result = await (await session.get(server.url('/'))).download(path);
          same([result.path, result.size, await read()], [path, 10, '0123456789']);
          same((await server.last())?.header('range'), 'bytes=5-');
        } finally {
          await remove();
        }
      },
      { capability: 'download()', refused: { edge: 'download', browser: 'download' } },
    );

    it('two megabytes come through whole', async ({ server, createSession }) => {
      const body = '0123456789abcdef'.repeat(131_072);
      await server.route('/', respond({ body }));
      const read = await createSession(once).get(server.url('/')).text();
      check(read === body, `${read.length} of ${body.length}`);
    });
  });
};

const codings: Readonly<Record<string, () => ReturnType<typeof gzipped>>> = {
  gzip: () => gzipped('hello'),
  'x-gzip': () => gzipped('hello'),
  br: () => brotlied('hello'),
  'deflate (zlib)': () => deflated('hello'),
  'deflate (raw)': () => deflatedRaw('hello'),
};

const listed = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** A file that is not there yet, where there are files at all. */
const temporaryFile = async (): Promise<{
  readonly path: string;
  read(): Promise<string>;
  remove(): Promise<void>;
}> => {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const files = process?.getBuiltinModule?.('node:fs/promises') as
    | typeof import('node:fs/promises')
    | undefined;
  const os = process?.getBuiltinModule?.('node:os') as typeof import('node:os') | undefined;
  if (files === undefined || os === undefined)
    return { path: '/nonexistent', read: async () => '', remove: async () => undefined };
  const folder = await files.mkdtemp(`${os.tmpdir()}/httpsession-`);
  const path = `${folder}/file`;
  return {
    path,
    read: () => files.readFile(path, 'utf8'),
    remove: () => files.rm(folder, { recursive: true }),
  };
};
