import { describe, expect, it } from 'vitest';
import { apparentEncoding, detectEncoding, readText } from './apparent-encoding.ts';

const french =
  'Il était une fois, près du château, une forêt où les enfants n’allaient jamais à la tombée de la nuit.';
const latin1 = Uint8Array.from([...french.replace('’', "'")].map((letter) => letter.charCodeAt(0)));
// こんにちは世界。これは日本語の文章です。 in Shift_JIS
const shiftJis = Uint8Array.from(
  '82b182f182c982bf82cd90a28a4581428281b182ea82cd93fa967b8cea82cc95b68fcd82c582b78142'
    .match(/../g)
    ?.map((byte) => Number.parseInt(byte, 16)) ?? [],
);
const russian = Uint8Array.from(
  // Привет, мир! Это довольно длинный текст на русском языке. in windows-1251
  'cff0e8e2e5f22c20ece8f02120ddf2ee20e4eee2eeebfcedee20e4ebe8ededfbe920f2e5eaf1f220ede020f0f3f1f1eaeeec20ffe7fbeae52e'
    .match(/../g)
    ?.map((byte) => Number.parseInt(byte, 16)) ?? [],
);

describe('the apparent encoding', () => {
  it('of UTF-8 is UTF-8, also where the sample cuts a character', () => {
    expect(detectEncoding(new TextEncoder().encode(french))).toBe('utf-8');
    expect(detectEncoding(new TextEncoder().encode(`x${'é'.repeat(40_000)}`))).toBe('utf-8');
  });

  it('of French in Latin-1 is windows-1252, which is what the web calls it', () => {
    expect(detectEncoding(latin1)).toBe('windows-1252');
  });

  it('of Russian in windows-1251 is windows-1251', () => {
    expect(detectEncoding(russian)).toBe('windows-1251');
  });

  it('of Japanese in Shift_JIS is shift_jis', () => {
    expect(detectEncoding(shiftJis)).toBe('shift_jis');
  });

  it('of nothing is null', () => {
    expect(detectEncoding(new Uint8Array())).toBeNull();
  });

  it('leaves the response readable', async () => {
    const response = new Response(russian);
    expect(await apparentEncoding(response)).toBe('windows-1251');
    expect((await response.arrayBuffer()).byteLength).toBe(russian.byteLength);
  });
});

describe('readText', () => {
  it('believes a declared charset', async () => {
    const response = new Response(latin1, {
      headers: { 'content-type': 'text/plain; charset="iso-8859-1"' },
    });
    expect(await readText(response)).toContain('château');
  });

  it('guesses where none, or an unknown one, is declared', async () => {
    expect(await readText(new Response(russian, { headers: { 'content-type': 'text/html' } }))).toContain(
      'Привет',
    );
    const unknown = new Response(russian, { headers: { 'content-type': 'text/html; charset=klingon' } });
    expect(await readText(unknown)).toContain('русском');
  });
});
