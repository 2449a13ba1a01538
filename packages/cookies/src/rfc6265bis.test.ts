import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const H = 'http://example.com/';
const S = 'https://example.com/';
const long = (length: number): string => 'x'.repeat(length);

type Received = readonly [url: string, ...fields: string[]];
type Case = readonly [
  title: string,
  received: readonly Received[],
  asked: string,
  sent: string,
  later?: number,
];

/** Feeds fields to a fresh jar and compares the header it then sends. */
function area(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    for (const [title, received, asked, sent, later = 0] of cases) {
      it(title, () => {
        let now = NOW;
        const jar = new CookieJar({ now: () => now });
        for (const [url, ...fields] of received) {
          for (const field of fields) jar.setCookie(field, url, { ignoreError: true });
        }
        now += later;
        expect(jar.getCookieString(asked)).toBe(sent);
        // A second answer comes from the memo and must not differ.
        expect(jar.getCookieString(asked)).toBe(sent);
      });
    }
  });
}

area('nameless cookies', [
  ['a field without an equals sign is a value', [[H, 'foo']], H, 'foo'],
  ['an empty name is a nameless cookie', [[H, '=foo']], H, 'foo'],
  ['a nameless value keeps its equals signs', [[H, '=a=b']], H, 'a=b'],
  ['nothing at all is ignored', [[H, '']], H, ''],
  ['a lone equals sign is ignored', [[H, 'a=b', '=', 'c=d']], H, 'a=b; c=d'],
  ['only attributes are ignored', [[H, 'foo', '; bar']], H, 'foo'],
  ['only spaces are ignored', [[H, 'foo', '   ']], H, 'foo'],
  ['a second nameless cookie replaces the first', [[H, 'foo', 'bar']], H, 'bar'],
  ['an empty value is sent with its equals sign', [[H, 'x=']], H, 'x='],
  ['a nameless cookie has attributes too', [[H, 'foo; Max-Age=5; Path=/']], H, 'foo'],
  ['a nameless cookie stands among named ones', [[H, 'a=1', 'foo', 'b=2']], H, 'a=1; foo; b=2'],
  ['quotes belong to a nameless value', [[H, '"BLA\\"HHH"; path=/']], H, '"BLA\\"HHH"'],
]);

area('control characters', [
  ['NUL refuses the cookie', [[H, 'a=b\0c']], H, ''],
  ['a control character in a name refuses the cookie', [[H, 'a\x01=b']], H, ''],
  ['line feed refuses the cookie', [[H, 'a=b\nc']], H, ''],
  ['carriage return refuses the cookie', [[H, 'a=b\rc']], H, ''],
  ['DEL refuses the cookie', [[H, 'a=b\x7f']], H, ''],
  ['a control character in an attribute refuses the cookie', [[H, 'a=b; Path=/\x02']], H, ''],
  ['a control character in an unknown attribute refuses the cookie', [[H, 'a=b; x=\x1f']], H, ''],
  ['a tab inside a value stays', [[H, 'a=b\tc']], H, 'a=b\tc'],
  ['tabs around name and value go', [[H, '\ta\t=\tb\t']], H, 'a=b'],
  ['U+00A0 is part of a value', [[H, 'a=\u00a0b\u00a0']], H, 'a=\u00a0b\u00a0'],
  ['Latin-1 octets come back as they came', [[H, 'a=\u00e6\u0097\u00a5']], H, 'a=\u00e6\u0097\u00a5'],
  ['a character no header can carry refuses the cookie', [[H, 'a=日本', 'b=1']], H, 'b=1'],
]);

area('size', [
  ['4096 octets of name and value are kept', [[H, `a=${long(4095)}`]], H, `a=${long(4095)}`],
  ['4097 octets are not', [[H, `a=${long(4096)}`]], H, ''],
  ['a long name counts', [[H, `${long(4096)}=b`]], H, ''],
  ['a nameless cookie of 4096 octets is kept', [[H, long(4096)]], H, long(4096)],
  ['an attribute over 1024 octets is ignored, the cookie kept', [[H, `a=b; Path=/${long(1024)}`]], H, 'a=b'],
  ['an attribute of 1024 octets counts', [[H, `a=b; Path=/${long(1023)}`]], H, ''],
  [
    'a long Domain leaves an earlier one in force',
    [[H, `a=b; Domain=example.com; Domain=${long(1025)}`]],
    'http://w.example.com/',
    'a=b',
  ],
]);

area('attributes', [
  ['names have no case', [[S, 'a=b; pAtH=/x; SECURE; httponly']], `${S}x`, 'a=b'],
  ['spaces around names and values go', [[S, '  a  = b c  ;  path  =  /x  ; foo;;;  bar']], `${S}x`, 'a=b c'],
  ['a quoted Secure is none', [[H, 'a=b; "Secure"']], H, 'a=b'],
  ['Secure with a value is Secure', [[S, 'a=b; Secure=no']], H, ''],
  ['Secure followed by more words is none', [[H, 'a=b; Secure qux']], H, 'a=b'],
  ['the last Path counts', [[H, 'a=b; Path=/x; Path=/']], H, 'a=b'],
  [
    'the last Domain counts',
    [['http://w.example.com/', 'a=b; Domain=w.example.com; Domain=example.com']],
    H,
    'a=b',
  ],
  [
    'an empty last Domain makes the cookie host-only',
    [[H, 'a=b; Domain=example.com; Domain=']],
    'http://w.example.com/',
    '',
  ],
  ['a comma stays in the value', [[H, 'a=b, c=d']], H, 'a=b, c=d'],
  ['an attribute after a quoted semicolon counts', [[S, 'a=b; x="1;2"; Secure']], H, ''],
  ['a quote does not protect a semicolon', [[H, 'a="b;c"']], H, 'a="b'],
  ['equals signs after the first are value', [[H, 'a=== b']], H, 'a=== b'],
  ['unknown attributes are ignored', [[H, 'a=b; version=1; Priority=High']], H, 'a=b'],
  ['an equals sign behind the first semicolon makes no name', [[H, 'foo; x=y']], H, 'foo'],
]);

area('age', [
  ['Max-Age counts from now', [[H, 'a=b; Max-Age=60']], H, 'a=b', 59_999],
  ['a cookie is gone at its very instant', [[H, 'a=b; Max-Age=60']], H, '', 60_000],
  ['Max-Age=0 deletes', [[H, 'a=b', 'a=; Max-Age=0']], H, ''],
  ['a negative Max-Age deletes', [[H, 'a=b', 'a=; Max-Age=-1']], H, ''],
  [
    'Max-Age beats Expires, whatever the order',
    [[H, 'a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT']],
    H,
    'a=b',
  ],
  [
    'a later Expires does not beat Max-Age',
    [[H, 'a=b; Max-Age=0; Expires=Thu, 01 Jan 2099 00:00:00 GMT']],
    H,
    '',
  ],
  ['a Max-Age that is no number is ignored', [[H, 'a=b; Max-Age=60x']], H, 'a=b', 10 * DAY],
  ['a Max-Age with a comma is ignored', [[H, 'a=b; Max-Age=50,399']], H, 'a=b', DAY],
  ['a Max-Age with a plus sign is ignored', [[H, 'a=b; Max-Age=+0']], H, 'a=b'],
  ['an empty Max-Age is ignored', [[H, 'a=b; Max-Age=']], H, 'a=b'],
  ['a lone minus sign is ignored', [[H, 'a=b; Max-Age=-']], H, 'a=b'],
  ['a Max-Age too large for a number is capped', [[H, `a=b; Max-Age=${'9'.repeat(400)}`]], H, '', 400 * DAY],
  ['400 days are the most for Max-Age', [[H, 'a=b; Max-Age=99999999']], H, '', 400 * DAY],
  ['400 days are allowed', [[H, 'a=b; Max-Age=99999999']], H, 'a=b', 400 * DAY - 1],
  [
    '400 days are the most for Expires',
    [[H, 'a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT']],
    H,
    '',
    400 * DAY,
  ],
  ['an Expires in the past deletes', [[H, 'a=b', 'a=b; Expires=Fri, 07 Aug 2007 08:04:19 GMT']], H, ''],
  ['an Expires that is no date is ignored', [[H, 'a=b; Expires=tomorrow']], H, 'a=b'],
  [
    'an Expires with dashes and two digits of year counts',
    [[H, 'a=b; expires=Sun, 18-Apr-27 21:06:29 GMT']],
    H,
    'a=b',
    DAY,
  ],
]);

area('path', [
  ['a path covers what is below it', [[H, 'a=b; Path=/x']], `${H}x/y`, 'a=b'],
  ['a path does not cover its prefix in a longer segment', [[H, 'a=b; Path=/x']], `${H}xy`, ''],
  ['a path with a final slash does not cover itself without', [[H, 'a=b; Path=/x/']], `${H}x`, ''],
  ['without Path the directory of the URL counts', [[`${H}a/b/set`, 'a=b']], `${H}a/b/c`, 'a=b'],
  ['the directory is no parent', [[`${H}a/b/set`, 'a=b']], `${H}a`, ''],
  ['a relative Path is the default path', [[`${H}a/b`, 'a=b; Path=nope']], `${H}a/x`, 'a=b'],
  ['an empty last Path is the default path', [[H, 'a=b; Path=/x; Path=']], H, 'a=b'],
  ['percent signs match as they are', [[H, 'a=b; Path=/caf%C3%A9']], `${H}caf%C3%A9/`, 'a=b'],
  ['an encoded slash is no slash', [[H, 'a=b; Path=/a/b']], `${H}a%2Fb`, ''],
  ['a space in Path is not %20', [[H, 'a=b; Path=/a b']], `${H}a%20b/`, ''],
  ['a non-ASCII request path is matched encoded', [[H, 'a=b; Path=/%E6%97%A5']], `${H}日`, 'a=b'],
  ['paths have case', [[H, 'a=b; Path=/X']], `${H}x`, ''],
  ['the query is not part of the path', [[H, 'a=b; Path=/x']], `${H}?/x`, ''],
  [
    'longer paths go first, older cookies before younger',
    [[`${H}d/m/x`, 'root=1; Path=/', 'deep=1; Path=/d/m', 'mid=1; Path=/d', 'root2=1; Path=/']],
    `${H}d/m/y`,
    'deep=1; mid=1; root=1; root2=1',
  ],
]);

area('domain', [
  ['a cookie without Domain is host-only', [[H, 'a=b']], 'http://w.example.com/', ''],
  [
    'a cookie with Domain goes to subdomains',
    [[H, 'a=b; Domain=example.com']],
    'http://x.w.example.com/',
    'a=b',
  ],
  ['a leading dot means nothing', [[H, 'a=b; Domain=.example.com']], 'http://w.example.com/', 'a=b'],
  ['two leading dots are no domain', [[H, 'a=b; Domain=..example.com']], H, ''],
  ['letter case means nothing', [[H, 'a=b; Domain=EXAMPLE.com']], 'http://w.example.com/', 'a=b'],
  ['a parent may be named', [['http://w.example.com/', 'a=b; Domain=example.com']], H, 'a=b'],
  ['a subdomain may not', [[H, 'a=b; Domain=w.example.com']], 'http://w.example.com/', ''],
  [
    'a sibling may not',
    [['http://a.example.com/', 'a=b; Domain=b.example.com']],
    'http://b.example.com/',
    '',
  ],
  ['a tail that is no label is foreign', [['http://badexample.com/', 'a=b; Domain=example.com']], H, ''],
  ['a port in Domain is no domain', [[H, 'a=b; Domain=example.com:80']], H, ''],
  ['ports share cookies', [['http://example.com:8080/', 'a=b']], 'http://example.com:9090/', 'a=b'],
  [
    'host-only and domain cookies of one name live side by side',
    [[H, 'a=1', 'a=2; Domain=example.com']],
    H,
    'a=1; a=2',
  ],
  [
    'a non-ASCII Domain is refused',
    [['http://b\u00fccher.de/', 'a=b; Domain=b\u00fccher.de']],
    'http://b\u00fccher.de/',
    '',
  ],
  [
    'a punycode Domain works',
    [['http://b\u00fccher.de/', 'a=b; Domain=xn--bcher-kva.de']],
    'http://w.b\u00fccher.de/',
    'a=b',
  ],
  [
    'a host with a trailing dot gets its cookies back',
    [['http://example.com./', 'a=b']],
    'http://example.com./',
    'a=b',
  ],
  ['a trailing dot is another host', [[H, 'a=b; Domain=example.com']], 'http://example.com./', ''],
  ['a Domain with a trailing dot is foreign to a host without', [[H, 'a=b; Domain=example.com.']], H, ''],
  ['a Domain of only a dot is none', [[H, 'a=b; Domain=.']], H, 'a=b'],
]);

area('public suffixes', [
  ['co.uk is refused', [['http://a.co.uk/', 'a=b; Domain=co.uk']], 'http://a.co.uk/', ''],
  ['cO.Uk is refused', [['http://a.co.uk/', 'a=b; Domain=cO.Uk']], 'http://a.co.uk/', ''],
  ['co.uk. is refused', [['http://a.co.uk/', 'a=b; Domain=co.uk.']], 'http://a.co.uk/', ''],
  ['co.uk. is refused to a.co.uk. too', [['http://a.co.uk./', 'a=b; Domain=co.uk.']], 'http://a.co.uk./', ''],
  ['me. is refused', [['http://a.me./', 'a=b; Domain=me.']], 'http://a.me./', ''],
  ['com is refused', [[H, 'a=b; Domain=com']], H, ''],
  [
    'github.io is refused to a page',
    [['http://u.github.io/', 'a=b; Domain=github.io']],
    'http://u.github.io/',
    '',
  ],
  [
    'GitHub.io is refused to a page',
    [['http://u.github.io/', 'a=b; Domain=GitHub.io']],
    'http://u.github.io/',
    '',
  ],
  [
    'github.io itself gets a host-only cookie',
    [['http://github.io/', 'a=b; Domain=github.io']],
    'http://github.io/',
    'a=b',
  ],
  [
    'the host-only cookie of a suffix stays there',
    [['http://github.io/', 'a=b; Domain=github.io']],
    'http://u.github.io/',
    '',
  ],
  [
    'xn--55qx5d.cn is refused',
    [['http://a.xn--55qx5d.cn/', 'a=b; Domain=xn--55qx5d.cn']],
    'http://a.xn--55qx5d.cn/',
    '',
  ],
  ['its Unicode form is refused', [['http://a.公司.cn/', 'a=b; Domain=公司.cn']], 'http://a.公司.cn/', ''],
  ['a wildcard suffix is refused', [['http://a.foo.ck/', 'a=b; Domain=foo.ck']], 'http://a.foo.ck/', ''],
  [
    'an exception to a wildcard is a domain',
    [['http://a.www.ck/', 'a=b; Domain=www.ck']],
    'http://www.ck/',
    'a=b',
  ],
  [
    'intranet gets a host-only cookie',
    [['http://intranet/', 'a=b; Domain=intranet']],
    'http://intranet/',
    'a=b',
  ],
  [
    'localhost gets its cookies, with and without Domain',
    [['http://localhost/', 'a=1', 'b=2; Domain=localhost']],
    'http://localhost/',
    'a=1; b=2',
  ],
  [
    'localhost is no domain to its subdomains',
    [['http://app.localhost/', 'a=b; Domain=localhost']],
    'http://app.localhost/',
    '',
  ],
  [
    'a made-up top level has domains',
    [['http://w.shop.test/', 'a=b; Domain=shop.test']],
    'http://shop.test/',
    'a=b',
  ],
  ['a made-up top level is a suffix', [['http://shop.test/', 'a=b; Domain=test']], 'http://shop.test/', ''],
]);

area('IP addresses', [
  ['an address gets its cookies', [['http://127.0.0.1/', 'a=b']], 'http://127.0.0.1:81/', 'a=b'],
  [
    'the same address as Domain is host-only',
    [['http://127.0.0.1/', 'a=1', 'a=2; Domain=127.0.0.1']],
    'http://127.0.0.1/',
    'a=2',
  ],
  [
    'the tail of an address is foreign',
    [['http://127.0.0.1/', 'a=b; Domain=.0.0.1']],
    'http://10.0.0.1/',
    '',
  ],
  [
    'a tail is not even kept for the address itself',
    [['http://127.0.0.1/', 'a=b; Domain=0.0.1']],
    'http://127.0.0.1/',
    '',
  ],
  ['another address is foreign', [['http://10.0.0.1/', 'a=b; Domain=10.0.0.2']], 'http://10.0.0.1/', ''],
  ['an IPv6 address gets its cookies', [['http://[::1]/', 'a=b']], 'http://[::1]:81/', 'a=b'],
  [
    'an IPv6 address as Domain is host-only',
    [['http://[::1]/', 'a=b; Domain=[::1]']],
    'http://[::1]/',
    'a=b',
  ],
  ['an address in other notation is the same', [['http://2130706433/', 'a=b']], 'http://127.0.0.1/', 'a=b'],
]);

area('secure', [
  ['a Secure cookie stays off http', [[S, 'a=b; Secure']], H, ''],
  ['a Secure cookie goes over https', [[S, 'a=b; Secure']], S, 'a=b'],
  ['a Secure cookie goes over wss', [[S, 'a=b; Secure']], 'wss://example.com/', 'a=b'],
  ['http may not set a Secure cookie', [[H, 'a=b; Secure']], S, ''],
  [
    'http may not overwrite a Secure cookie',
    [
      [S, 'a=1; Secure'],
      [H, 'a=2'],
    ],
    S,
    'a=1',
  ],
  [
    'http may not shadow it with a Domain',
    [
      [S, 'a=1; Secure'],
      [H, 'a=2; Domain=example.com'],
    ],
    S,
    'a=1',
  ],
  [
    'http may not shadow it with a deeper path',
    [
      [S, 'a=1; Secure'],
      [H, 'a=2; Path=/x'],
    ],
    `${S}x`,
    'a=1',
  ],
  [
    'http may not expire it',
    [
      [S, 'a=1; Secure; Domain=example.com'],
      [H, 'a=; Max-Age=0; Domain=example.com'],
    ],
    S,
    'a=1',
  ],
  [
    'http may not shadow it from a subdomain',
    [
      [S, 'a=1; Secure; Domain=example.com'],
      ['http://w.example.com/', 'a=2'],
    ],
    'https://w.example.com/',
    'a=1',
  ],
  [
    'http may not overlay a subdomain from its parent',
    [
      ['https://w.example.com/', 'a=1; Secure'],
      [H, 'a=2; Domain=example.com'],
    ],
    'https://w.example.com/',
    'a=1',
  ],
  [
    'http may set the name on a path beside it',
    [
      [S, 'a=1; Secure; Path=/x'],
      [H, 'a=2; Path=/y'],
    ],
    `${H}y`,
    'a=2',
  ],
  [
    'http may set another name',
    [
      [S, 'a=1; Secure'],
      [H, 'b=2'],
    ],
    S,
    'a=1; b=2',
  ],
  [
    'http may set the name on another host',
    [
      [S, 'a=1; Secure'],
      ['http://example.org/', 'a=2'],
    ],
    'http://example.org/',
    'a=2',
  ],
  ['https may replace it', [[S, 'a=1; Secure', 'a=2']], H, 'a=2'],
  [
    'an expired Secure cookie protects nothing',
    [
      [S, 'a=1; Secure; Max-Age=0'],
      [H, 'a=2'],
    ],
    H,
    'a=2',
  ],
  ['loopback counts as secure', [['http://localhost:3000/', 'a=b; Secure']], 'http://localhost:3000/', 'a=b'],
  [
    'loopback addresses count as secure',
    [['http://127.0.0.1/', '__Host-a=b; Secure; Path=/']],
    'http://127.0.0.1/',
    '__Host-a=b',
  ],
]);

area('name prefixes', [
  ['__Secure- needs Secure', [[S, '__Secure-a=b']], S, ''],
  ['__Secure- with Secure is kept', [[S, '__Secure-a=b; Secure; Domain=example.com']], S, '__Secure-a=b'],
  ['__Secure- is refused from http', [[H, '__Secure-a=b; Secure']], S, ''],
  ['prefixes have no case', [[S, '__sEcUrE-a=b', '__HOST-a=b; Secure; Path=/x']], `${S}x`, ''],
  ['__Host- is kept with all it needs', [[S, '__Host-a=b; Secure; Path=/']], S, '__Host-a=b'],
  ['__Host- may have no Domain', [[S, '__Host-a=b; Secure; Path=/; Domain=example.com']], S, ''],
  ['__Host- needs Path=/', [[S, '__Host-a=b; Secure; Path=/x']], `${S}x`, ''],
  ['__Host- needs its Path stated', [[S, '__Host-a=b; Secure']], S, ''],
  ['__Http- needs HttpOnly', [[S, '__Http-a=b; Secure']], S, ''],
  ['__Http- needs Secure', [[S, '__http-a=b; HttpOnly']], S, ''],
  [
    '__Http- is kept with both, on any path',
    [[S, '__Http-a=b; Secure; HttpOnly; Path=/x; Domain=example.com']],
    `${S}x`,
    '__Http-a=b',
  ],
  ['__Host-Http- needs HttpOnly', [[S, '__Host-Http-a=b; Secure; Path=/']], S, ''],
  [
    '__Host-Http- may have no Domain',
    [[S, '__Host-Http-a=b; Secure; HttpOnly; Path=/; Domain=example.com']],
    S,
    '',
  ],
  [
    '__Host-Http- is kept with all it needs',
    [[S, '__host-http-a=b; Secure; HttpOnly; Path=/']],
    S,
    '__host-http-a=b',
  ],
  [
    'a nameless value may not pose as a prefix',
    [[S, '=__Host-a=b; Secure; Path=/', '= __Secure-a=b; Secure', '=__http-x', '__Host-']],
    S,
    '',
  ],
  ['spaces before a prefix do not hide it', [[S, '  __Secure-a=b']], S, ''],
  ['two underscores alone are no prefix', [[H, '__a=b', '__secure=c']], H, '__a=b; __secure=c'],
]);

area('SameSite and Partitioned', [
  ['Strict is sent: a session is its own site', [[S, 'a=b; SameSite=Strict']], S, 'a=b'],
  ['Lax is sent', [[S, 'a=b; SameSite=lax']], S, 'a=b'],
  ['None needs Secure', [[S, 'a=b; SameSite=None']], S, ''],
  ['None with Secure is kept', [[S, 'a=b; SameSite=None; Secure']], S, 'a=b'],
  ['an unknown word after None takes it back', [[S, 'a=b; SameSite=None; SameSite=x']], S, 'a=b'],
  ['Partitioned needs Secure', [[S, 'a=b; Partitioned']], S, ''],
  ['Partitioned with Secure is kept', [[S, 'a=b; Partitioned; Secure']], S, 'a=b'],
]);

area('storage', [
  ['a replaced cookie keeps its place', [[H, 'a=1', 'b=2', 'a=3']], H, 'a=3; b=2'],
  ['a deleted and reset cookie goes last', [[H, 'a=1', 'b=2', 'a=; Max-Age=0', 'a=3']], H, 'b=2; a=3'],
  ['an expired and reset cookie goes last', [[H, 'a=1; Max-Age=-5', 'b=2', 'a=3']], H, 'b=2; a=3'],
  ['deleting what is not there is no matter', [[H, 'a=; Max-Age=0']], H, ''],
  ['the same name on two paths is two cookies', [[H, 'a=1; Path=/', 'a=2; Path=/x']], `${H}x`, 'a=2; a=1'],
  ['deletion needs the same path', [[H, 'a=1; Path=/x', 'a=; Path=/; Max-Age=0']], `${H}x`, 'a=1'],
  ['deletion needs the same host-only flag', [[H, 'a=1', 'a=; Domain=example.com; Max-Age=0']], H, 'a=1'],
  ['names have case', [[H, 'a=1', 'A=2']], H, 'a=1; A=2'],
  [
    'the names of Object.prototype are names',
    [[H, '__proto__=1', 'constructor=2', 'hasOwnProperty=3']],
    H,
    '__proto__=1; constructor=2; hasOwnProperty=3',
  ],
  ['the paths of Object.prototype are paths', [[H, 'a=1; Path=/__proto__']], `${H}__proto__`, 'a=1'],
  ['a host called __proto__ is a host', [['http://__proto__/', 'a=1']], 'http://__proto__/', 'a=1'],
]);

it('stores nothing of what it refuses', () => {
  const jar = new CookieJar();
  const refused = ['', '=', 'a=\0', 'a=b; Domain=com', '__Host-a=b', 'a=b; SameSite=None', `a=${long(4096)}`];
  for (const field of refused) {
    expect(() => jar.setCookie(field, S)).toThrow(expect.objectContaining({ name: 'InvalidCookieError' }));
    expect(jar.setCookie(field, S, { ignoreError: true })).toBeUndefined();
  }
  expect(jar.size).toBe(0);
});
