import { Busboy } from '@fastify/busboy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { type EncodedMultipart, encodeMultipart, type MultipartInit } from './multipart.ts';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const collect = async (encoded: EncodedMultipart) => {
  const parts: Uint8Array[] = [];
  for await (const chunk of encoded.stream()) parts.push(chunk);
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
};

const text = async (init: MultipartInit) => decode(await collect(encodeMultipart(init, 'B')));

/** What the platform's own parser makes of it. */
const parsed = async (encoded: EncodedMultipart) => {
  const headers = { 'content-type': encoded.contentType };
  return new Response((await collect(encoded)) as Uint8Array<ArrayBuffer>, { headers }).formData();
};

interface Seen {
  readonly name: string;
  readonly value: string;
  readonly filename?: string;
  readonly type?: string;
}

/** What a parser that is not ours makes of it. */
const busboy = async (encoded: EncodedMultipart) => {
  const seen: Promise<Seen>[] = [];
  const parser = new Busboy({ headers: { 'content-type': encoded.contentType } });
  parser.on('field', (name, value) => seen.push(Promise.resolve({ name, value })));
  parser.on('file', (name, file, filename, _encoding, type) => {
    const read = async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of file) chunks.push(chunk);
      return { name, value: Buffer.concat(chunks).toString('latin1'), filename, type };
    };
    seen.push(read());
  });
  const finished = new Promise((resolve, reject) => parser.on('finish', resolve).on('error', reject));
  parser.end(Buffer.from(await collect(encoded)));
  await finished;
  return Promise.all(seen);
};

async function* generate(...chunks: (string | Uint8Array)[]) {
  yield* chunks;
}

describe('encodeMultipart writes', () => {
  const FILE = 'Content-Type: application/octet-stream\r\n\r\n';

  it.each<[string, MultipartInit, string]>([
    ['a field', { a: 'x' }, '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B--\r\n'],
    ['nothing at all', {}, '--B--\r\n'],
    ['nothing for null, undefined and []', { a: null, b: undefined, c: [] }, '--B--\r\n'],
  ])('%s', async (_, init, expected) => {
    expect(await text(init)).toBe(expected);
  });

  it.each<[string, MultipartInit, string]>([
    ['numbers and booleans', { a: [1, 2n, true] }, '"a"\r\n\r\n1 "a"\r\n\r\n2 "a"\r\n\r\ntrue'],
    ['a Date', [['a', new Date(0)]], '"a"\r\n\r\n1970-01-01T00:00:00.000Z'],
    ['newlines of text as CRLF', { a: '1\n2\r3\r\n4' }, '"a"\r\n\r\n1\r\n2\r\n3\r\n4'],
    ['names with quotes and newlines escaped', { 'a"\r\nb\n': 'x' }, '"a%22%0D%0Ab%0D%0A"\r\n\r\nx'],
    ['names in UTF-8', { é: 'ü' }, '"é"\r\n\r\nü'],
    ['a Blob', { f: new Blob(['x\ny']) }, `"f"; filename="blob"\r\n${FILE}x\ny`],
    [
      'a Blob with its type',
      { f: new Blob(['x'], { type: 'text/css' }) },
      '"f"; filename="blob"\r\nContent-Type: text/css\r\n\r\nx',
    ],
    [
      'a File with its name',
      { f: new File(['x'], 'a/b "c".txt') },
      `"f"; filename="a/b %22c%22.txt"\r\n${FILE}x`,
    ],
    [
      'a filename with newlines',
      { f: new File(['x'], 'a\r\nb\nc') },
      `"f"; filename="a%0D%0Ab%0Ac"\r\n${FILE}x`,
    ],
    ['bytes', { f: Uint8Array.of(65) }, `"f"; filename="blob"\r\n${FILE}A`],
    ['a buffer', { f: Uint8Array.of(65).buffer }, `"f"; filename="blob"\r\n${FILE}A`],
    ['a generator', { f: generate('h', Uint8Array.of(105)) }, `"f"; filename="blob"\r\n${FILE}hi`],
    ['a stream', { f: new Blob(['hi']).stream() }, `"f"; filename="blob"\r\n${FILE}hi`],
    ['a function that makes one', { f: () => generate('hi') }, `"f"; filename="blob"\r\n${FILE}hi`],
    [
      'the last segment of a path only',
      { f: Object.assign(generate('x'), { path: '/home/me/a.txt' }) },
      `"f"; filename="a.txt"\r\n${FILE}x`,
    ],
    [
      'a windows path likewise',
      { f: Object.assign(new Blob(['x']), { name: 'C:\\me\\a.txt' }) },
      `"f"; filename="a.txt"\r\n${FILE}x`,
    ],
    [
      'text as a file, its newlines kept',
      { f: { value: 'a\nb', filename: 'f.txt' } },
      '"f"; filename="f.txt"\r\n\r\na\nb',
    ],
    ['bytes as a field', { f: { value: Uint8Array.of(65), filename: null, type: null } }, '"f"\r\n\r\nA'],
    [
      'another type and name',
      { f: { value: new File(['x'], 'a'), filename: 'b', type: 'a/b' } },
      '"f"; filename="b"\r\nContent-Type: a/b\r\n\r\nx',
    ],
    [
      'part headers',
      { f: { value: 'x', headers: { 'X-A': '1', 'X-B': 'é' } } },
      '"f"\r\nX-A: 1\r\nX-B: é\r\n\r\nx',
    ],
  ])('%s', async (_, init, expected) => {
    const parts = (await text(init)).split('\r\n--B').slice(0, -1);
    const shown = parts.map((part) => part.replace(/^(--B)?\r\nContent-Disposition: form-data; name=/, ''));
    expect(shown.join(' ')).toBe(expected);
  });

  it('FormData in its order', async () => {
    const form = new FormData();
    form.append('b', '1');
    form.append('f', new Blob(['x']), 'n.bin');
    form.append('b', '2');
    const entries = [...(await parsed(encodeMultipart(form)))];
    expect(entries.map(([name, value]) => [name, typeof value === 'string' ? value : value.name])).toEqual([
      ['b', '1'],
      ['f', 'n.bin'],
      ['b', '2'],
    ]);
  });
});

describe('encodeMultipart knows', () => {
  it.each<[string, MultipartInit, { known: boolean; replayable: boolean; bytes: boolean }]>([
    ['text and bytes', { a: 'é', b: Uint8Array.of(1) }, { known: true, replayable: true, bytes: true }],
    ['a Blob', { a: new Blob(['x']) }, { known: true, replayable: true, bytes: false }],
    ['much', { a: new Uint8Array(70_000) }, { known: true, replayable: true, bytes: false }],
    ['a stream', { a: new Blob(['x']).stream() }, { known: false, replayable: false, bytes: false }],
    [
      'a stream with size',
      { a: { value: generate('xy'), size: 2 } },
      { known: true, replayable: false, bytes: false },
    ],
    ['a function', { a: () => generate('x') }, { known: false, replayable: true, bytes: false }],
    [
      'a function with size',
      { a: { value: () => generate('x'), size: 1 } },
      { known: true, replayable: true, bytes: false },
    ],
  ])('length and replay of %s', async (_, init, expected) => {
    const encoded = encodeMultipart(init);
    expect({
      known: encoded.length !== null,
      replayable: encoded.replayable,
      bytes: encoded.bytes !== undefined,
    }).toEqual(expected);
    const sent = await collect(encoded);
    if (encoded.length !== null) expect(sent.length).toBe(encoded.length);
    if (encoded.bytes !== undefined) expect(sent).toEqual(encoded.bytes);
    if (encoded.replayable) expect(await collect(encoded)).toEqual(sent);
  });

  it.each(['x', 'xxx'])('a stream that breaks its word: %s instead of 2 bytes', async (content) => {
    const encoded = encodeMultipart({ f: { value: generate(content), size: 2 } });
    await expect(collect(encoded)).rejects.toThrow(
      /^multipart\.f\.size is 2, but the stream gave (1|more) bytes$/,
    );
  });

  it('a random boundary of its own for each body', () => {
    const types = new Set(Array.from({ length: 100 }, () => encodeMultipart({}).contentType));
    expect(types.size).toBe(100);
    for (const type of types)
      expect(type).toMatch(/^multipart\/form-data; boundary=httpsession-[0-9a-f]{32}$/);
  });

  it.each([
    ['a', 'a'],
    ["a'+_-.9", "a'+_-.9"],
    ['a b', '"a b"'],
    ['a:b=c?', '"a:b=c?"'],
    ['x'.repeat(70), 'x'.repeat(70)],
  ])('the boundary %j', async (boundary, written) => {
    const encoded = encodeMultipart({ a: 'x' }, boundary);
    expect(encoded.contentType).toBe(`multipart/form-data; boundary=${written}`);
    expect((await busboy(encoded)).map(({ value }) => value)).toEqual(['x']);
  });
});

describe('encodeMultipart refuses', () => {
  const value = 'x';

  it.each<[string, () => unknown, RegExp]>([
    [
      'a Blob type with CRLF',
      () => ({ f: { size: 1, type: 'a/b\r\nX: 1', stream: () => new Blob().stream() } }),
      /^multipart\.f\.type must/,
    ],
    ['a type with CRLF', () => ({ f: { value, type: 'a/b\r\nX: 1' } }), /^multipart\.f\.type must/],
    ['an empty type', () => ({ f: { value, type: '' } }), /^multipart\.f\.type must/],
    ['a filename that is no text', () => ({ f: { value, filename: 7 } }), /^multipart\.f\.filename must/],
    [
      'a header with CRLF',
      () => ({ f: { value, headers: { 'X-A': 'a\r\nX-B: 1' } } }),
      /^multipart\.f\.headers\.X-A must/,
    ],
    [
      'a header with NUL',
      () => ({ f: { value, headers: { 'X-A': '\0' } } }),
      /^multipart\.f\.headers\.X-A must/,
    ],
    [
      'a header name with CRLF',
      () => ({ f: { value, headers: { 'X\r\nY': '' } } }),
      /^multipart\.f\.headers must .* got "X\\r\\nY"$/,
    ],
    [
      'a second Content-Type',
      () => ({ f: { value, headers: { 'content-type': 'a/b' } } }),
      /^multipart\.f\.headers must/,
    ],
    [
      'a second Content-Disposition',
      () => ({ f: { value, headers: { 'Content-Disposition': 'x' } } }),
      /^multipart\.f\.headers must/,
    ],
    [
      'unknown settings',
      () => ({ f: { value, contentType: 'a/b' } }),
      /^multipart\.f\.contentType is no setting of a part$/,
    ],
    ['a size of text', () => ({ f: { value, size: 1 } }), /^multipart\.f\.size must/],
    [
      'a wrong size of a Blob',
      () => ({ f: { value: new Blob(['xy']), size: 1 } }),
      /^multipart\.f\.size must/,
    ],
    ['a negative size', () => ({ f: { value: generate(), size: -1 } }), /^multipart\.f\.size must/],
    ['an object', () => ({ f: {} }), /^multipart\.f must be .* got an object$/],
    ['a nested array', () => ({ f: [['x']] }), /^multipart\.f must be .* got an array$/],
    ['a part without value', () => ({ f: { filename: 'x' } }), /^multipart\.f must be/],
    ['text', () => 'a=b', /^multipart must be a record or pairs, got string$/],
    ['a Promise', () => Promise.resolve(), /^multipart must be .*got a Promise$/],
    ['a pair without a name', () => [[undefined, 'x']], /^multipart must hold \[name, value\] pairs/],
  ])('%s', (_, init, message) => {
    expect(() => encodeMultipart(init() as MultipartInit)).toThrow(TypeError);
    expect(() => encodeMultipart(init() as MultipartInit)).toThrow(message);
  });

  it.each(['', ' ', 'a ', 'a\r\nb', 'a"b', 'é', 'x'.repeat(71), 7])('the boundary %j', (boundary) => {
    expect(() => encodeMultipart({}, boundary as string)).toThrow(/^boundary must be 1 to 70 characters/);
  });

  it('settings that someone put on Object.prototype', async () => {
    const pollution = { filename: 'evil', type: 'evil/type', headers: { 'X-Evil': '1' } };
    for (const [name, value] of Object.entries(pollution)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
    }
    try {
      expect(await text({ a: 'x', b: { value: 'y' } })).not.toContain('vil');
    } finally {
      for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe('any parts come through', () => {
  const content = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((value) => ({ kind: 'text' as const, value, bytes: null })),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ kind: 'bytes' as const, value: bytes, bytes })),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => ({
      kind: 'blob' as const,
      value: new Blob([bytes as Uint8Array<ArrayBuffer>]),
      bytes,
    })),
    fc
      .uint8Array({ maxLength: 200 })
      .map((bytes) => ({ kind: 'stream' as const, value: () => generate(bytes), bytes })),
  );
  const parts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), content));
  const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const crlf = (value: string) => value.replace(/\r\n?|\n/g, '\r\n').toWellFormed();

  it("through the platform's own parser", async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (list) => {
        const form = await parsed(encodeMultipart(list.map(([name, { value }]) => [name, value] as const)));
        const entries = await Promise.all(
          [...form].map(async ([name, value]) => [
            name,
            typeof value === 'string' ? value : latin1(new Uint8Array(await value.arrayBuffer())),
          ]),
        );
        expect(entries).toEqual(
          list.map(([name, { value, bytes }]) => [
            crlf(name),
            bytes === null ? crlf(String(value)) : latin1(bytes),
          ]),
        );
      }),
    );
  });

  it('through busboy', async () => {
    // Busboy takes a part without a name for none.
    const named = parts.map((list) =>
      list.map(([name, item]) => [`n${name.replace(/[%"\\\p{C}]/gu, '')}`, item] as const),
    );
    await fc.assert(
      fc.asyncProperty(named, async (list) => {
        const seen = await busboy(encodeMultipart(list.map(([name, { value }]) => [name, value] as const)));
        const sort = (rows: unknown[][]) => rows.map((row) => JSON.stringify(row)).sort();
        expect(sort(seen.map(({ name, value }) => [name, value]))).toEqual(
          sort(
            list.map(([name, { value, bytes }]) => [
              name,
              bytes === null ? crlf(String(value)) : latin1(bytes),
            ]),
          ),
        );
      }),
    );
  });
});

describe('streaming', () => {
  it('holds neither Blobs nor streams in memory and reads no faster than it is read', async () => {
    let pulled = 0;
    const stream = new ReadableStream(
      {
        pull(controller) {
          pulled += 1;
          if (pulled > 1_000) controller.close();
          else controller.enqueue(new Uint8Array(65_536));
        },
      },
      { highWaterMark: 0 },
    );
    const body = encodeMultipart({ f: stream }).stream();
    await body.next();
    expect(pulled).toBe(0);
    for (let read = 1; read <= 5; read += 1) {
      await body.next();
      expect(pulled).toBe(read);
    }
    await body.return();
    expect(pulled).toBe(5);
  });

  it('takes linear time for a megabyte of what must be escaped', async () => {
    for (const unit of ['"', '\r', '\n', '\r\n', '/', '\\', '\0', ' ']) {
      await expectLinearTime((length) => {
        const long = unit.repeat(length / unit.length);
        encodeMultipart({
          [long]: long,
          f: new File([], long),
          g: Object.assign(new Blob(), { name: long }),
        });
      });
    }
  });
});
