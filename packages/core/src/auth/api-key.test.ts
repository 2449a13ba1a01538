import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchange, type FakeRequest, get, reply } from '../../test/auth/fake-exchange.ts';
import { type ApiKeyOptions, apiKey } from './api-key.ts';
import type { Auth } from './auth.ts';

const sent = async (auth: Auth, url?: string): Promise<FakeRequest> => {
  let seen = get();
  await exchange(auth, get(url), (message) => {
    seen = message;
    return reply(200);
  });
  return seen;
};

describe('apiKey', () => {
  it('sends the key in its header', async () => {
    const message = await sent(apiKey('X-API-Key', 'k 1'));
    expect(message.header('x-api-key')).toBe('k 1');
  });

  it.each([
    ['https://a.example/', 'https://a.example/?key=v%261'],
    ['https://a.example/?q=a%20b+c&flag&q=%zz#top', 'https://a.example/?q=a%20b+c&flag&q=%zz&key=v%261#top'],
    ['https://a.example/?key=old&x=1&%6Bey=older', 'https://a.example/?x=1&key=v%261'],
  ])('adds the key to the query of %s and leaves the rest alone', async (url, expected) => {
    expect((await sent(apiKey('key', 'v&1', { in: 'query' }), url)).url).toBe(expected);
  });

  it('replaces its parameter rather than adding a second one when the request is signed again', async () => {
    const auth = apiKey('key', 'v', { in: 'query' });
    const once = await sent(auth);
    expect((await sent(auth, once.url)).url).toBe(once.url);
  });

  it('can be read back by the server, whatever name and value are', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    await fc.assert(
      fc.asyncProperty(text, text, async (name, value) => {
        const { url } = await sent(apiKey(name, value, { in: 'query' }), 'https://a.example/?a=1&b');
        expect(new URL(url).searchParams.getAll(name)).toEqual([value]);
      }),
    );
  });

  it.each<[unknown, unknown, unknown, RegExp]>([
    ['', 'secret', {}, /^apiKey name must be a non-empty string$/],
    ['x key', 'secret', {}, /^apiKey name must be a valid header name$/],
    ['x-kéy', 'secret', {}, /^apiKey name/],
    ['x-key', '', {}, /^apiKey value must be a non-empty string$/],
    ['x-key', 'secret\r\nevil: 1', {}, /^apiKey value must be a valid header value/],
    ['x-key', 'secret\0', {}, /^apiKey value/],
    ['x-key', ' secret', {}, /without outer whitespace$/],
    ['x-key', 'secret€', {}, /^apiKey value/],
    ['x-key', 'secret', { in: 'cookie' }, /^apiKey in must be header or query, got cookie$/],
  ])('refuses %j, %j, %j', (name, value, options, message) => {
    const act = () => apiKey(name as string, value as string, options as ApiKeyOptions);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
    expect(act).not.toThrow(/secret/);
  });
});
