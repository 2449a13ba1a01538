import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { bypassesProxy } from './no-proxy.ts';

const direct = (host: string, noProxy: string): boolean =>
  bypassesProxy(new URL(host.includes('://') ? host : `http://${host}/`), noProxy);

describe('NO_PROXY as curl reads it (its unit test 1614)', () => {
  it.each([
    ['www.example.com', 'localhost,.example.com,.example.de', true],
    ['www.example.com.', 'localhost,.example.com,.example.de', true],
    ['example.com', 'localhost,.example.com,.example.de', true],
    ['example.com.', 'localhost,.example.com,.example.de', true],
    ['www.example.com', 'localhost,.example.com.,.example.de', true],
    ['www.example.com', 'localhost,www.example.com.,.example.de', true],
    ['example.com', 'localhost,example.com,.example.de', true],
    ['example.com.', 'localhost,example.com,.example.de', true],
    ['nexample.com', 'localhost,example.com,.example.de', false],
    ['www.example.com', 'localhost,example.com,.example.de', true],
    ['127.0.0.1', '127.0.0.1,localhost', true],
    ['127.0.0.1', '127.0.0.1,localhost,', true],
    ['127.0.0.1', '127.0.0.1/8,localhost,', true],
    ['127.0.0.1', '127.0.0.1/28,localhost,', true],
    ['127.0.0.1', '127.0.0.1/31,localhost,', true],
    ['127.0.0.1', 'localhost,127.0.0.1', true],
    ['127.0.0.1', 'localhost,127.0.0.1.', true],
    ['foobar', 'barfoo', false],
    ['foobar', 'foobar', true],
    ['192.168.0.1', 'foobar', false],
    ['192.168.0.1', '192.168.0.0/16', true],
    ['192.168.0.1', '192.168.0.0/24', true],
    ['192.168.0.1', '192.168.0.0/32', false],
    ['192.168.0.1', '192.168.0.0', false],
    ['192.168.1.1', '192.168.0.0/24', false],
    ['192.168.1.1', 'foo, bar, 192.168.0.0/24', false],
    ['192.168.1.1', 'foo, bar, 192.168.0.0/16', true],
    ['[::1]', 'foo, bar, 192.168.0.0/16', false],
    ['[::1]', 'foo, bar, ::1/64', true],
    ['bar', 'foo, bar, ::1/64', true],
    ['BAr', 'foo, bar, ::1/64', true],
    ['BAr', 'foo,,,,,              bar, ::1/64', true],
    ['www.example.com', 'foo, .example.com', true],
    ['www.example.com', 'www2.example.com, .example.net', false],
    ['example.com', '.example.com, .example.net', true],
    ['nonexample.com', '.example.com, .example.net', false],
    ['anything.test', '*', true],
    ['127.0.0.1', '*', true],
    ['anything.test', '', false],
  ])('%s with %j: %s', (host, noProxy, expected) => {
    expect(direct(host, noProxy)).toBe(expected);
  });
});

describe('NO_PROXY as requests and others write it', () => {
  it.each([
    // separators and the star
    ['b.test', 'a.test b.test', true],
    ['b.test', 'a.test\tb.test\n', true],
    ['b.test', ' , ,', false],
    ['b.test', 'a.test,*', true],
    // case, dots, globs
    ['localhost', 'LOCALHOST', true],
    ['sub.example.com', '*.example.com', true],
    ['example.com', '*.example.com', true],
    ['badexample.com', '*.example.com', false],
    ['example.com.evil.test', 'example.com', false],
    ['example.com', 'www.example.com', false],
    ['com', 'example.com', false],
    ['example.com', '.', false],
    ['example.com', '*.', false],
    ['xn--bcher-kva.example', 'bücher.example', true],
    ['bücher.example', 'XN--BCHER-KVA.example', true],
    // ports
    ['localhost:9101', 'localhost:9101', true],
    ['localhost:9102', 'localhost:9101', false],
    ['http://a.test/', 'a.test:80', true],
    ['https://a.test/', 'a.test:443', true],
    ['https://a.test/', 'a.test:80', false],
    ['sub.a.test:81', '.a.test:81', true],
    ['127.0.0.1:81', '127.0.0.1:81', true],
    ['127.0.0.1:82', '127.0.0.1:81', false],
    ['[::1]:81', '[::1]:81', true],
    ['[::1]:82', '[::1]:81', false],
    ['a.test', 'a.test:', false],
    ['a.test', 'a.test:http', false],
    ['a.test', ':80', false],
    // addresses, whatever their spelling
    ['[::1]', '::1', true],
    ['[::1]', '[::1]', true],
    ['[::1]', '0:0:0:0:0:0:0:1', true],
    ['[0:0::0:1]', '::0001', true],
    ['[::ffff:127.0.0.1]', '127.0.0.1', true],
    ['127.0.0.1', '::ffff:127.0.0.1', true],
    ['[::ffff:10.1.2.3]', '10.0.0.0/8', true],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['11.1.2.3', '::ffff:10.0.0.0/104', false],
    ['127.1', '127.0.0.1', true],
    ['2130706433', '127.0.0.1', true],
    ['127.0.0.1', '127.1', true],
    ['127.0.0.1.', '127.0.0.1', true],
    ['127.0.0.1', 'localhost', false],
    ['localhost', '127.0.0.1', false],
    // networks
    ['10.1.2.3', '0.0.0.0/0', true],
    ['[::1]', '0.0.0.0/0', false],
    ['[fd12::1]', 'fd00::/8', true],
    ['[fd12::1]', '[fd00::]/8', true],
    ['[fe80::1]', 'fd00::/8', false],
    ['[2001:db8:8000::1]', '2001:db8::/33', false],
    ['[2001:db8:7fff::1]', '2001:db8::/33', true],
    ['10.1.2.3', '10.0.0.0/33', false],
    ['10.1.2.3', '10.0.0.0/', false],
    ['10.1.2.3', '10.0.0.0/8x', false],
    ['10.1.2.3', '10/8', false],
    ['10.1.2.3', '010.0.0.0/8', false],
    ['8.1.2.3', '010.0.0.0/8', false],
    // a suffix of an address is no domain
    ['127.0.0.1', '.0.0.1', false],
    ['127.0.0.1', '0.0.1', false],
    ['127.0.0.1', '1', false],
    // zones never match (CVE-2025-22870)
    ['[fe80::1]', 'fe80::1%eth0', false],
    ['[fe80::1]', '[fe80::1%25.example.com]', false],
    ['www.example.com', '[::1%25.www.example.com]', false],
    // nothing is read as part of a URL
    ['evil.test', 'a@evil.test', false],
    ['a.test', 'a.test?x', false],
    ['a.test', 'http://a.test', false],
  ])('%s with %j: %s', (host, noProxy, expected) => {
    expect(direct(host, noProxy)).toBe(expected);
  });

  it('never throws, and never lets an unreadable entry hide a readable one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (noise) => {
        expect(direct('a.test', `${noise},a.test`)).toBe(true);
      }),
    );
  });

  it.each(['a,', ',', '1.', '[', ':', '*.', '::', '/', '1/', 'a.'])(
    'reads a megabyte of %j in linear time',
    async (unit) => {
      await expectLinearTime((length) => direct('a.test', unit.repeat(length / unit.length)));
    },
  );
});
