import { expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { ResponseCookies } from './response-cookies.ts';

it.each<[line: string, name: string, value: string, attributes: Record<string, string>]>([
  ['a=1', 'a', '1', {}],
  [' a = 1 ; Path=/ ; HttpOnly', 'a', '1', { path: '/', httponly: '' }],
  ['a=b=c', 'a', 'b=c', {}],
  ['a=x, b=y', 'a', 'x, b=y', {}],
  ['a="quoted"', 'a', '"quoted"', {}],
  ['a=%41', 'a', '%41', {}],
  ['a=', 'a', '', {}],
  ['=v', '', 'v', {}],
  ['alone', '', 'alone', {}],
  ['a=1; EXPIRES=Wed, 21 Oct 2099 07:28:00 GMT', 'a', '1', { expires: 'Wed, 21 Oct 2099 07:28:00 GMT' }],
  ['__proto__=1; constructor=x', '__proto__', '1', { constructor: 'x' }],
])('%s', (line, name, value, attributes) => {
  const cookies = new ResponseCookies([line]);
  expect(cookies.get(name)).toEqual({ name, value, attributes: new Map(Object.entries(attributes)) });
  expect([...cookies].length).toBe(1);
});

it('of two of one name, the last counts', () => {
  const cookies = new ResponseCookies(['a=1', 'b=2', 'a=3']);
  expect([...cookies].map(({ name, value }) => `${name}=${value}`)).toEqual(['a=3', 'b=2']);
  expect([cookies.size, cookies.has('a'), cookies.has('toString'), cookies.get('c')]).toEqual([
    2,
    true,
    false,
    undefined,
  ]);
});

it('takes linear time for a megabyte of separators', async () => {
  await expectLinearTime((length) => new ResponseCookies([`a=${';'.repeat(length)}`, '='.repeat(length)]));
});
