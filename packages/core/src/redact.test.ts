import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redactUrl } from './redact.ts';

it.each([
  ['https://a.test/path', 'https://a.test/path'],
  ['https://u:secret@a.test/path', 'https://a.test/path'],
  ['https://u:sec@ret@a.test/@x', 'https://a.test/@x'],
  ['https://secret@a.test', 'https://a.test'],
  ['https://a.test/?token=secret', 'https://a.test/?…'],
  ['https://a.test/?', 'https://a.test/?…'],
  ['https://a.test/#secret', 'https://a.test/'],
  ['https://a.test/?a#secret?b', 'https://a.test/?…'],
  ['https://a.test/u:p@x', 'https://a.test/u:p@x'],
  ['mock://u:secret@a/b', 'mock://a/b'],
  ['mailto:a@b.test', 'mailto:a@b.test'],
])('shows %s as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

it('shows no user information, query value or fragment of any URL', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9@:!$&'()*+,;=.~-]{6,20}$/);
  fc.assert(
    fc.property(secret, secret, secret, fc.webPath(), (user, query, fragment, path) => {
      const url = new URL(`https://host.test${path}`);
      url.username = user;
      url.password = `PASS${user}`;
      url.search = `k=QUERY${query}`;
      url.hash = `HASH${fragment}`;
      const shown = redactUrl(url.href);
      expect(shown).toBe(`https://host.test${url.pathname}?…`);
    }),
  );
});
