import { expect, it } from 'vitest';
import { createLiveHeaders } from './live-headers.ts';

it('keeps spelling and order of first writing', () => {
  const headers = createLiveHeaders();
  headers.set('X-Zeta', '1');
  headers.set('accept', 'a');
  headers.append('X-ZETA', '2');
  expect(headers.spelled()).toEqual([
    ['X-ZETA', '1, 2'],
    ['accept', 'a'],
  ]);
  headers.delete('ACCEPT');
  expect(headers.spelled()).toEqual([['X-ZETA', '1, 2']]);
});

it('is a Headers to everybody else', () => {
  const headers = createLiveHeaders();
  headers.set('X-A', '1');
  expect(headers).toBeInstanceOf(Headers);
  expect(headers.get('x-a')).toBe('1');
  expect([...new Headers(headers)]).toEqual([['x-a', '1']]);
});

it('tells by its version that something was written', () => {
  const headers = createLiveHeaders();
  const before = headers.version;
  headers.set('a', '1');
  expect(headers.version).toBeGreaterThan(before);
  expect(() => headers.set('a', 'b\r\nc')).toThrow(TypeError);
  expect(headers.spelled()).toEqual([['a', '1']]);
});

it('remembers what was deleted until it is set again', () => {
  const headers = createLiveHeaders();
  headers.set('X-A', '1');
  headers.delete('x-A');
  headers.delete('Accept-Encoding');
  expect(headers.toInit()).toEqual([
    ['x-a', null],
    ['accept-encoding', null],
  ]);
  headers.set('X-A', '2');
  expect(headers.toInit()).toEqual([
    ['accept-encoding', null],
    ['X-A', '2'],
  ]);
});
