import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJsonText, decodeText } from './decode-text.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

const utf16 = (text: string, littleEndian: boolean) => {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), littleEndian);
  return new Uint8Array(view.buffer);
};

const utf32 = (text: string, littleEndian: boolean) => {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const view = new DataView(new ArrayBuffer(points.length * 4));
  for (const [at, point] of points.entries()) view.setUint32(at * 4, point, littleEndian);
  return new Uint8Array(view.buffer);
};

describe('decodeText', () => {
  it.each<[string, Uint8Array, string | null, string | undefined, string]>([
    ['UTF-8 without a content type', utf8('é'), null, undefined, 'é'],
    ['UTF-8 for text/* without charset', utf8('é'), 'text/html', undefined, 'é'],
    ['the charset', bytes(0xe9), 'text/html; charset=iso-8859-1', undefined, 'é'],
    ['Shift_JIS', bytes(0x93, 0xfa, 0x96, 0x7b), 'text/html; charset=Shift_JIS', undefined, '日本'],
    ['UTF-8 for an unknown charset', utf8('é'), 'text/html; charset=klingon', undefined, 'é'],
    ['malformed bytes as U+FFFD', bytes(0x61, 0xff), null, undefined, 'a\ufffd'],
    [
      'a torn Shift_JIS character as U+FFFD',
      bytes(0x93),
      'text/html; charset=Shift_JIS',
      undefined,
      '\ufffd',
    ],
    ['nothing', bytes(), 'text/html; charset=utf-16', undefined, ''],
    [
      'a UTF-8 mark before the charset',
      bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9),
      'text/html; charset=latin1',
      undefined,
      'é',
    ],
    [
      'a UTF-16LE mark before the charset',
      bytes(0xff, 0xfe, 0xe9, 0),
      'text/html; charset=utf-8',
      undefined,
      'é',
    ],
    ['a UTF-16BE mark', bytes(0xfe, 0xff, 0, 0xe9), null, undefined, 'é'],
    ['the argument before the charset', bytes(0xe9), 'text/html; charset=utf-8', 'latin1', 'é'],
    ['the argument before a mark', bytes(0xff, 0xfe), null, 'latin1', 'ÿþ'],
    ['the argument without its own mark', bytes(0xef, 0xbb, 0xbf, 0x61), 'text/html', 'utf-8', 'a'],
  ])('reads %s', (_, body, contentType, encoding, text) => {
    expect(decodeText(body, contentType, encoding)).toBe(text);
  });

  it('reads latin1 as windows-1252 in all 256 bytes, on Node 20 too', () => {
    const all = Uint8Array.from({ length: 256 }, (_, at) => at);
    const c1 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
    const expected = Array.from(all, (at) =>
      at >= 0x80 && at <= 0x9f ? c1.charAt(at - 0x80) : String.fromCharCode(at),
    );
    for (const label of ['latin1', 'iso-8859-1', 'windows-1252', 'us-ascii']) {
      expect(decodeText(all, `text/plain; charset=${label}`)).toBe(expected.join(''));
    }
  });

  it('keeps no state between calls', () => {
    expect(decodeText(bytes(0xc3), null)).toBe('\ufffd');
    expect(decodeText(bytes(0xa9), null)).toBe('\ufffd');
    expect(decodeText(bytes(0xef, 0xbb, 0xbf, 0x61), null)).toBe('a');
  });

  it.each(['klingon', '', 7])('refuses %j as an encoding', (encoding) => {
    expect(() => decodeText(bytes(), null, encoding as string)).toThrow(TypeError);
    expect(() => decodeText(bytes(), null, encoding as string)).toThrow(
      `encoding must be a label of the WHATWG Encoding Standard, got ${encoding}`,
    );
  });

  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // A leading U+FEFF is a mark, whoever wrote it.
        fc.pre(!text.startsWith('\ufeff'));
        expect(decodeText(utf8(text), null)).toBe(text);
        expect(decodeText(utf16(text, false), null, 'utf-16be')).toBe(text);
      }),
    );
  });
});

describe('decodeJsonText', () => {
  const JSON_TYPE = 'application/json';

  it('finds each Unicode encoding, with and without a mark', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, marked) => {
        const body = marked ? `\ufeff${text}` : text;
        for (const encoded of [
          utf8(body),
          utf16(body, true),
          utf16(body, false),
          utf32(body, true),
          utf32(body, false),
        ]) {
          expect(decodeJsonText(encoded, JSON_TYPE)).toBe(text);
        }
      }),
    );
  });

  it.each(['1', '""', '"é"', '"😀"', '{}', ' 1'])('finds them for the short text %s', (text) => {
    for (const littleEndian of [true, false]) {
      expect(decodeJsonText(utf16(text, littleEndian), null)).toBe(text);
      expect(decodeJsonText(utf32(text, littleEndian), null)).toBe(text);
    }
    expect(decodeJsonText(utf8(text), null)).toBe(text);
  });

  it('reads a legacy charset that the server names', () => {
    expect(decodeJsonText(bytes(0x22, 0xe9, 0x22), 'application/json; charset=latin1')).toBe('"é"');
  });

  it('reads part of a larger buffer', () => {
    const whole = new Uint8Array(9);
    whole.set(utf32('12', true), 1);
    expect(decodeJsonText(whole.subarray(1), null)).toBe('12');
  });

  it('never fails on any bytes', () => {
    const zeros = fc.uint8Array({ max: 2 });
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), zeros), (body) => void decodeJsonText(body, JSON_TYPE)));
    expect(decodeJsonText(bytes(0x22, 0, 0, 0, 0, 0xd8, 0, 0, 0, 0, 0x11, 0, 1), null)).toBe(
      '"\ufffd\ufffd\ufffd',
    );
  });
});
