import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestRecord } from './recorded-request.ts';
import { RequestParser } from './request-parser.ts';

interface Parsed {
  readonly requests: RequestRecord[];
  readonly malformed: string[];
}

function parse(...pieces: readonly (string | Buffer)[]): Parsed {
  const parsed: Parsed = { requests: [], malformed: [] };
  const parser = new RequestParser({
    begin: () => {
      const request = new RequestRecord(1, parsed.requests.length + 1, false);
      parsed.requests.push(request);
      return request;
    },
    requestLine: () => undefined,
    head: () => undefined,
    progress: () => undefined,
    complete: () => undefined,
    malformed: (reason) => parsed.malformed.push(reason),
  });
  for (const piece of pieces) parser.push(Buffer.from(piece as string, 'latin1'));
  return parsed;
}

const WITH_LENGTH = 'POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED =
  'PUT /c HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\nX-Two: 1\r\nx-two:  2 \r\n\r\n3;ext="a;b"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n';
const BODYLESS = 'GET http://some.test:81/p?q HTTP/1.0\nAccept: */*\n\n';

function shape(request: RequestRecord) {
  const { method, target, path, httpVersion, rawHeaders, bodyText, chunks, trailers, complete } = request;
  return {
    method,
    target,
    path,
    httpVersion,
    rawHeaders,
    bodyText,
    chunks: chunks.map(String),
    trailers,
    complete,
    raw: request.raw.toString('latin1'),
  };
}

describe('RequestParser', () => {
  it('reads a body by its length', () => {
    const [request] = parse(WITH_LENGTH).requests;
    expect(request && shape(request)).toEqual({
      method: 'POST',
      target: '/a?b=c',
      path: '/a',
      httpVersion: '1.1',
      rawHeaders: [
        ['Host', 'x'],
        ['Content-Length', '5'],
      ],
      bodyText: 'hello',
      chunks: [],
      trailers: [],
      complete: true,
      raw: WITH_LENGTH,
    });
    expect(request?.query.get('b')).toBe('c');
  });

  it('reads chunks with extensions and trailers', () => {
    const [request] = parse(CHUNKED).requests;
    expect(request && shape(request)).toMatchObject({
      bodyText: 'abc0123456789',
      chunks: ['abc', '0123456789'],
      trailers: [['X-Trailer', 't']],
      complete: true,
      raw: CHUNKED,
    });
    expect(request?.header('X-TWO')).toBe('1, 2');
    expect(request?.headers('x-two')).toEqual(['1', '2']);
    expect(request?.header('absent')).toBeUndefined();
  });

  it('reads bare line feeds and an absolute target', () => {
    const [request] = parse(BODYLESS).requests;
    expect(request && shape(request)).toMatchObject({ path: '/p', httpVersion: '1.0', complete: true });
  });

  it('takes the authority of CONNECT for its path and parses nothing behind it', () => {
    const { requests } = parse('CONNECT some.test:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n');
    expect(requests.map(({ path }) => path)).toEqual(['some.test:443']);
  });

  it('keeps an incomplete request as far as it came', () => {
    const [request] = parse('POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel').requests;
    expect(request && shape(request)).toMatchObject({ bodyText: 'hel', complete: false });
  });

  it('finds the same requests wherever the bytes are split', () => {
    const all = WITH_LENGTH + CHUNKED + BODYLESS + WITH_LENGTH;
    const whole = parse(all).requests.map(shape);
    expect(whole).toHaveLength(4);
    expect(parse(...all).requests.map(shape)).toEqual(whole);
    for (let index = 1; index < all.length; index += 1) {
      expect(parse(all.slice(0, index), all.slice(index)).requests.map(shape)).toEqual(whole);
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: all.length })), (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), all.length];
        const pieces = points.slice(1).map((end, index) => all.slice(points[index], end));
        expect(parse(...pieces).requests.map(shape)).toEqual(whole);
      }),
    );
  });

  it('reads back any body however it was chunked', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (chunks) => {
        const framed = chunks.map((chunk) =>
          Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
        );
        const head = Buffer.from('POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n');
        const [request] = parse(Buffer.concat([head, ...framed, Buffer.from('0\r\n\r\n')])).requests;
        expect(request?.complete).toBe(true);
        expect(request?.chunks.map((chunk) => [...chunk])).toEqual(chunks.map((chunk) => [...chunk]));
        expect(request?.body.equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it.each([
    ['nonsense', 'hello\r\n', 'not a request line: "hello"'],
    ['no version', 'GET /\r\n', 'not a request line'],
    [
      'a length that is no number',
      'GET / HTTP/1.1\r\ncontent-length: 1x\r\n\r\n',
      'not a content-length: 1x',
    ],
    ['two lengths', 'GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', '1 and 2'],
    ['a coding behind chunked', 'GET / HTTP/1.1\r\ntransfer-encoding: chunked, gzip\r\n\r\n', 'does not end'],
    [
      'a bad chunk size',
      'GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n',
      'not a chunk size: "-1"',
    ],
    [
      'a chunk too long',
      'GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n',
      'between a chunk',
    ],
  ])('stops at %s', (_, bytes, reason) => {
    const { malformed } = parse(bytes, 'GET / HTTP/1.1\r\n\r\n');
    expect(malformed).toHaveLength(1);
    expect(malformed[0]).toContain(reason);
  });
});
