import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { splitLines } from './lines.ts';
import type { LinesOptions } from './response-head.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const tooLong = (limit: number) => new RangeError(`a line is longer than ${limit}`);

async function* source(chunks: readonly Uint8Array[], onReturn?: () => void) {
  try {
    for (const chunk of chunks) yield chunk;
  } finally {
    onReturn?.();
  }
}

const collect = async <T>(items: AsyncIterable<T>) => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

const split = (chunks: readonly (string | Uint8Array)[], options: LinesOptions = {}) =>
  collect(
    splitLines(
      source(chunks.map((chunk) => (typeof chunk === 'string' ? encode(chunk) : chunk))),
      options,
      tooLong,
    ),
  );

/** Cuts bytes at any places. */
const cuts = (bytes: Uint8Array, places: readonly number[]) => {
  const sorted = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
};

describe('splitLines', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [[''], []],
    [['a'], ['a']],
    [['a\n'], ['a']],
    [['a\nb'], ['a', 'b']],
    [['a\r\nb\rc\nd'], ['a', 'b', 'c', 'd']],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [
      ['a\r', '', '\nb'],
      ['a', 'b'],
    ],
    [
      ['a\r', '\n', '\nb'],
      ['a', '', 'b'],
    ],
    [
      ['a\r', '\r\n'],
      ['a', ''],
    ],
    [
      ['a\r', 'b'],
      ['a', 'b'],
    ],
    [['\n\n'], ['', '']],
    [
      ['a', 'b', 'c\nd'],
      ['abc', 'd'],
    ],
    // Python's str.splitlines would split here; the web does not.
    [['a\u2028b\u0085c\x0bd\x1ce'], ['a\u2028b\u0085c\x0bd\x1ce']],
  ])('splits %j into %j', async (chunks, lines) => {
    expect(await split(chunks)).toEqual(lines);
  });

  it.each<[string, string[], string[]]>([
    [';', ['a;b', ';c;'], ['a', 'b', 'c']],
    ['\r\n', ['a\nb\r', '\nc'], ['a\nb', 'c']],
    ['--', ['a-', '-b---c'], ['a', 'b', '-c']],
    ['aab', ['aa', 'aa', 'bxaa'], ['aa', 'xaa']],
    ['\n', ['a\r\nb'], ['a\r', 'b']],
  ])('splits at the delimiter %j also across chunks', async (delimiter, chunks, lines) => {
    expect(await split(chunks, { delimiter })).toEqual(lines);
  });

  it.each<[string, number[], string[]]>([
    ['utf-8', [0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0x0a, 0xff], ['é', '\ufffd']],
    ['latin1', [0xe9, 0x0a, 0x80], ['é', '€']],
    ['utf-16le', [0xe9, 0, 0x0a, 0, 0x0a, 0x0a], ['é', '\u0a0a']],
    ['shift_jis', [0x93, 0xfa, 0x0d, 0x0a, 0x93], ['日', '\ufffd']],
  ])('decodes %s byte by byte', async (encoding, bytes, lines) => {
    expect(
      await split(
        bytes.map((byte) => Uint8Array.of(byte)),
        { encoding },
      ),
    ).toEqual(lines);
  });

  it('gives a line as soon as its end has come', async () => {
    const seen: string[] = [];
    async function* live() {
      yield encode('a\r');
      expect(seen).toEqual(['a']);
      yield encode('\nb\n');
      expect(seen).toEqual(['a', 'b']);
    }
    for await (const line of splitLines(live(), {}, tooLong)) seen.push(line);
  });

  it('does not depend on where the chunks are cut', async () => {
    const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'a', 'é', '😀', '-') });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.array(fc.nat()),
        fc.constantFrom(undefined, '-', '-a-', '\r\n'),
        async (text, places, delimiter) => {
          const lines = text.split(delimiter ?? /\r\n|\r|\n/);
          if (lines.at(-1) === '') lines.pop();
          expect(await split(cuts(encode(text), places), { delimiter })).toEqual(lines);
        },
      ),
    );
  });

  it.each<[string, string[], LinesOptions]>([
    ['in one chunk', ['abcd\n'], {}],
    ['in many chunks', ['ab', 'cd', '\n'], {}],
    ['at the end', ['x\nabcd'], {}],
    ['before a delimiter', ['abcd--'], { delimiter: '--' }],
    ['at the end after a partial delimiter', ['abc-'], { delimiter: '--' }],
  ])('throws the given error for a line that is too long, %s', async (_, chunks, options) => {
    await expect(split(chunks, { ...options, maxLength: 3 })).rejects.toThrow(tooLong(3));
    await expect(split(chunks, { ...options, maxLength: 4 })).resolves.toContain(
      chunks.includes('abc-') ? 'abc-' : 'abcd',
    );
  });

  it('gives the lines before one that is too long', async () => {
    const seen: string[] = [];
    const read = async () => {
      for await (const line of splitLines(source([encode('a\nb\nccc\nd')]), { maxLength: 2 }, tooLong))
        seen.push(line);
    };
    await expect(read()).rejects.toThrow(tooLong(2));
    expect(seen).toEqual(['a', 'b']);
  });

  it('stops an endless line at 1 MiB', async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent += 65_536;
        yield new Uint8Array(65_536).fill(0x61);
      }
    }
    await expect(collect(splitLines(endless(), {}, tooLong))).rejects.toThrow(tooLong(1_048_576));
    expect(sent).toBe(1_048_576 + 65_536);
  });

  it('returns the source when the reader leaves, and when a line is too long', async () => {
    let returned = 0;
    for await (const _ of splitLines(
      source([encode('a\nb\n')], () => returned++),
      {},
      tooLong,
    ))
      break;
    expect(returned).toBe(1);
    const failing = splitLines(
      source([encode('aaaa')], () => returned++),
      { maxLength: 1 },
      tooLong,
    );
    await expect(collect(failing)).rejects.toThrow(RangeError);
    expect(returned).toBe(2);
  });

  it.each<[unknown, string]>([
    [{ encoding: 'klingon' }, 'encoding must be a label of the WHATWG Encoding Standard, got klingon'],
    [{ delimiter: '' }, 'delimiter must be a string of one character or more, got ""'],
    [{ delimiter: 3 }, 'delimiter must be a string of one character or more, got 3'],
    [{ maxLength: 0 }, 'maxLength must be a number of 1 or more, got 0'],
    [{ maxLength: Number.NaN }, 'maxLength must be a number of 1 or more, got NaN'],
    [{ maxLength: '9' }, 'maxLength must be a number of 1 or more, got 9'],
  ])('refuses %j before anything is read', (options, message) => {
    expect(() => splitLines(source([]), options as LinesOptions, tooLong)).toThrow(new TypeError(message));
  });

  it('takes linear time for a megabyte of short lines and of tiny chunks', async () => {
    await expectLinearTime(async (length) => {
      expect((await split(['\r\n'.repeat(length / 2)])).length).toBe(length / 2);
      const tiny = Array.from({ length: length / 4 }, () => 'abcd');
      expect((await split(tiny, { delimiter: 'abcde' }))[0]?.length).toBe(length);
    });
  });
});
