import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { parseLinks } from './links.ts';

const BASE = 'https://api.example/v1/items?page=1';
const urls = (header: string) =>
  Object.fromEntries(Object.entries(parseLinks(header, BASE)).map(([rel, link]) => [rel, link.url]));

describe('parseLinks', () => {
  it.each<[string, Record<string, string>]>([
    ['<https://h/2>; rel="next"', { next: 'https://h/2' }],
    ['<https://h/2>; rel=next', { next: 'https://h/2' }],
    ['<https://h/2>;rel=next;', { next: 'https://h/2' }],
    ['<https://h/2>\t; \trel = "next"', { next: 'https://h/2' }],
    [
      '<?page=2>; rel=next, <?page=9>; rel=last',
      {
        next: 'https://api.example/v1/items?page=2',
        last: 'https://api.example/v1/items?page=9',
      },
    ],
    ['</a>;rel=a,</b>;rel=b', { a: 'https://api.example/a', b: 'https://api.example/b' }],
    ['<>; rel=self', { self: BASE }],
    ['</a>; rel="NEXT Prev"', { next: 'https://api.example/a', prev: 'https://api.example/a' }],
    ['</a>; rel="  next  "', { next: 'https://api.example/a' }],
    ['</a>; rel="https://rels.example/Custom"', { 'https://rels.example/custom': 'https://api.example/a' }],
    // What hides the relation from requests: a semicolon or an equals sign in a quoted value.
    ['</a>; title="x;y=z, w"; rel=next', { next: 'https://api.example/a' }],
    ['</a>; REL=next', { next: 'https://api.example/a' }],
    ['</a>; title="say \\"hi\\"; rel=no"; rel=next', { next: 'https://api.example/a' }],
    ['</a,b;c>; rel=next', { next: 'https://api.example/a,b;c' }],
    // RFC 8288 3.3: only the first rel counts.
    ['</a>; rel=next; rel=prev', { next: 'https://api.example/a' }],
    ['</a>; rel=next, </b>; rel=next', { next: 'https://api.example/a' }],
    ['</a>; rel=next; anchor="/other", </b>; rel=next', { next: 'https://api.example/b' }],
    ['</a>; rel=next; anchor="https://api.example/v1/items?page=1"', { next: 'https://api.example/a' }],
    [',, ,</a>; rel=next,,', { next: 'https://api.example/a' }],
    ['garbage, </a>; rel=next', { next: 'https://api.example/a' }],
    ['x="</no>; rel=no, ", </a>; rel=next', { next: 'https://api.example/a' }],
    ['<https://[bad>; rel=no, </a>; rel=next', { next: 'https://api.example/a' }],
    ['</a>; rel=next, </b; rel=no', { next: 'https://api.example/a' }],
    ['</a>; rel="next', { next: 'https://api.example/a' }],
    ['</a>', {}],
    ['</a>; rel', {}],
    ['</a>; rel=""', {}],
    ['', {}],
    ['<', {}],
    ['</a>; rel=__proto__', JSON.parse('{"__proto__":"https://api.example/a"}')],
  ])('reads %j', (header, expected) => {
    expect(urls(header)).toEqual(expected);
  });

  it.each<[string, Record<string, string>]>([
    ['</a>; rel=next; title="A \\"B\\""; media=print', { rel: 'next', title: 'A "B"', media: 'print' }],
    [
      "</a>; rel=next; title=plain; title*=UTF-8'de'n%c3%a4chstes%20Kapitel",
      { rel: 'next', title: 'nächstes Kapitel' },
    ],
    ["</a>; rel=next; title*=iso-8859-1''n%E4chstes; title=plain", { rel: 'next', title: 'nächstes' }],
    [
      "</a>; rel=next; title=plain; title*=UTF-8''%ff",
      { rel: 'next', title: 'plain', 'title*': "UTF-8''%ff" },
    ],
    ["</a>; rel=next; title*=klingon''x", { rel: 'next', 'title*': "klingon''x" }],
    ['</a>; rel=next; title=one; title=two', { rel: 'next', title: 'one' }],
    ['</a>; rel=next; results="false"; constructor=x', { rel: 'next', results: 'false', constructor: 'x' }],
  ])('reads the parameters of %j', (header, params) => {
    const link = parseLinks(header, BASE).next;
    expect({ ...link?.params }).toEqual(params);
    expect(link?.rel).toBe('next');
  });

  it('has no inherited names', () => {
    expect(Object.getPrototypeOf(parseLinks('', BASE))).toBeNull();
    expect(parseLinks('</a>; rel=next', BASE).constructor).toBeUndefined();
    expect(parseLinks('</a>; rel=next', BASE).next?.params.toString).toBeUndefined();
  });

  it('never fails', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'<>;,="\\* \ta\'%é/\0') });
    fc.assert(fc.property(noise, (header) => void parseLinks(header, BASE)));
  });

  it('reads back any links written with quoted parameters', () => {
    const rel = fc.stringMatching(/^[a-z][a-z0-9.-]*$/);
    const text = fc.string();
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(rel, fc.webUrl(), text), { selector: ([name]) => name }),
        (links) => {
          const quote = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
          const header = links
            .map(([name, url, title]) => `<${url}>; title=${quote(title)}; rel=${quote(name)}`)
            .join(', ');
          const read = parseLinks(header, BASE);
          expect(Object.values(read).map((link) => [link.rel, link.url, link.params.title])).toEqual(
            links.map(([name, url, title]) => [name, new URL(url).href, title]),
          );
        },
      ),
    );
  });

  it.each([
    '<',
    '>',
    ',',
    ';',
    '"',
    '\\',
    '=',
    ' ',
    '<>',
    '<>;rel=a,',
    '<a>;rel="a ',
    '<>;rel="',
    ';="",',
    "<>;a*=utf-8'',",
    '"\\',
  ])('takes linear time for a megabyte of %j', async (unit) => {
    await expectLinearTime((length) => {
      const header = unit.repeat(length / unit.length);
      parseLinks(header, BASE);
      parseLinks(`</a>; rel="${header}`, BASE);
      parseLinks(`</a>; rel=next; title*=UTF-8''${header}`, BASE);
    });
  });
});
