const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

/** A complete HTTP/1.1 response, with the headers that node:http would send. */
export const answer = (status, headers, body) =>
  Buffer.concat([
    Buffer.from(
      [
        `HTTP/1.1 ${status}`,
        ...Object.entries(headers).flatMap(([name, values]) =>
          [values].flat().map((value) => `${name}: ${value}`),
        ),
        `Date: ${date}`,
        'Connection: keep-alive',
        'Keep-Alive: timeout=300',
        `Content-Length: ${body.length}`,
        '',
        '',
      ].join('\r\n'),
      'latin1',
    ),
    body,
  ]);

const json = { 'Content-Type': 'application/json; charset=utf-8' };

/** 500 bytes, as an API would answer. */
export const smallJson = (() => {
  const value = {
    id: 4711,
    name: 'An item of a list',
    tags: ['a', 'b', 'c'],
    price: 12.5,
    inStock: true,
    updated: '2026-01-01T00:00:00Z',
    links: { self: '/items/4711', next: '/items/4712' },
    filler: '',
  };
  value.filler = 'x'.repeat(500 - JSON.stringify(value).length);
  return Buffer.from(JSON.stringify(value));
})();

/** What the small paths answer: written as they are. */
export const prebuilt = new Map([
  [
    '/page',
    answer('200 OK', { 'Content-Type': 'text/html' }, Buffer.from('<!doctype html><title>bench</title>')),
  ],
  ['/json', answer('200 OK', json, smallJson)],
  [
    '/login',
    answer(
      '302 Found',
      {
        Location: '/account',
        'Set-Cookie': ['sid=0123456789abcdef; Path=/; HttpOnly', 'csrf=fedcba9876543210; Path=/'],
      },
      Buffer.alloc(0),
    ),
  ],
  ['/account', answer('200 OK', json, smallJson)],
  ['/post', answer('200 OK', json, Buffer.from('{"ok":true}'))],
]);

/** What the server got: its head, and the number of body bytes. */
export const echo = (head, bodyBytes) =>
  answer('200 OK', json, Buffer.from(JSON.stringify({ head: head.split('\r\n'), bodyBytes })));

/** The head of a body that is written bit by bit. */
export const streamHead = (length) =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nDate: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=300\r\nContent-Length: ${length}\r\n\r\n`,
    'latin1',
  );
