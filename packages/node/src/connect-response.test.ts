import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CONNECT_HEAD, readConnectResponse } from './connect-response.ts';

const read = (text: string) => readConnectResponse(Buffer.from(text, 'latin1'));

describe('readConnectResponse', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\n\r\n', 200, 'OK'],
    ['HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n', 200, 'Connection established'],
    ['HTTP/1.1 407 \r\n\r\n', 407, ''],
    ['HTTP/1.1 502\r\n\r\n', 502, ''],
    [
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 Fine\r\n\r\n',
      204,
      'Fine',
    ],
  ])('reads %j', (text, statusCode, statusText) => {
    expect(read(text)).toMatchObject({ statusCode, statusText, end: text.length });
  });

  it('keeps every value of a repeated header, under its lower-case name', () => {
    const text =
      'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x" \r\nPROXY-AUTHENTICATE:Digest a=b\r\n\r\nbody';
    expect(read(text)?.headers.get('proxy-authenticate')).toEqual(['Basic realm="x"', 'Digest a=b']);
    expect(read(text)?.end).toBe(text.length - 4);
  });

  it('waits for every byte of a correct answer', () => {
    const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n';
    for (let length = 0; length < text.length; length++) expect(read(text.slice(0, length))).toBeUndefined();
  });

  it.each([
    ['SSH-2.0-OpenSSH'],
    ['h'],
    ['HTTP/2'],
    ['<html>'],
    ['\r\n'],
    ['\x16\x03\x01'],
    ['HTTP/1.1 2OO OK\r\n\r\n'],
    ['HTTP/1.1 99 Low\r\n\r\n'],
    ['HTTP/1.1 600 High\r\n\r\n'],
    ['HTTP/1.1  200 OK\r\n\r\n'],
    ['HTTP/1.2 200 OK\r\n\r\n'],
    ['HTTP/1.1 200 O\0K\r\n\r\n'],
    ['HTTP/1.1 200 OK\nA: b\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\nA : b\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n'],
    ['HTTP/1.1 101 Switching\r\n\r\n'],
    ['HTTP/1.1 100 Continue\r\n\r\nrubbish'],
  ])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(SyntaxError);
  });

  it('refuses a head that is too long, endless interim answers included', () => {
    expect(() => read(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(MAX_CONNECT_HEAD)}`)).toThrow(
      'its head is too long',
    );
    expect(() => read('HTTP/1.1 103 Hints\r\n\r\n'.repeat(1000))).toThrow('its head is too long');
  });

  it('throws nothing but SyntaxError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (tail) => {
        const bytes = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), tail, Buffer.from('\r\n\r\n')]);
        try {
          expect(readConnectResponse(bytes)?.statusCode).toBe(200);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
