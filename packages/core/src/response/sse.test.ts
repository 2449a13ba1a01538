import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { parseSse, type ServerSentEvent } from './sse.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const tooLarge = (limit: number) => new RangeError(`larger than ${limit}`);

async function* source(chunks: readonly Uint8Array[], onReturn?: () => void) {
  try {
    for (const chunk of chunks) yield chunk;
  } finally {
    onReturn?.();
  }
}

const read = async (...chunks: (string | Uint8Array)[]) => {
  const events: ServerSentEvent[] = [];
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? encode(chunk) : chunk));
  for await (const event of parseSse(source(bytes), tooLarge)) events.push(event);
  return events;
};

const message = (data: string, rest: Partial<ServerSentEvent> = {}): ServerSentEvent => ({
  event: 'message',
  data,
  id: '',
  retry: undefined,
  ...rest,
});

describe('parseSse', () => {
  it.each<[string, string, ServerSentEvent[]]>([
    ['one event', 'data: a\n\n', [message('a')]],
    ['several lines of data', 'data: a\ndata:b\ndata\n\n', [message('a\nb\n')]],
    ['only the first space as separator', 'data:  a \n\n', [message(' a ')]],
    ['an event type', 'event: add\ndata: a\n\ndata: b\n\n', [message('a', { event: 'add' }), message('b')]],
    [
      'an id, kept until the next',
      'id: 1\ndata: a\n\ndata: b\n\n',
      [message('a', { id: '1' }), message('b', { id: '1' })],
    ],
    ['an id that is reset', 'id: 1\ndata: a\n\nid\ndata: b\n\n', [message('a', { id: '1' }), message('b')]],
    ['the id of a block without data', 'id: 7\n\ndata: a\n\n', [message('a', { id: '7' })]],
    ['no id with NUL', 'id: 1\0\ndata: a\n\n', [message('a')]],
    ['no id from another field', 'idx: 1\nid2\ndata: a\n\n', [message('a')]],
    ['retry, once', 'retry: 250\ndata: a\n\ndata: b\n\n', [message('a', { retry: 250 }), message('b')]],
    ['retry of a block without data', 'retry: 250\n\ndata: a\n\n', [message('a', { retry: 250 })]],
    ['no retry that is not digits', 'retry: 1s\nretry: -1\ndata: a\n\n', [message('a')]],
    ['no comments and unknown fields', ': hi\nfoo: bar\nbaz\ndata: a\n\n', [message('a')]],
    ['no events without data', 'event: x\n\n\n\n', []],
    ['empty data', 'data\n\n', [message('')]],
    ['no unfinished event', 'data: a\n\ndata: b\n', [message('a')]],
    ['no unfinished line', 'data: a\n\ndata: b', [message('a')]],
    ['CR and CRLF', 'data: a\r\rdata: b\r\n\r\n', [message('a'), message('b')]],
    ['a byte order mark', '\ufeffdata: a\n\n', [message('a')]],
    ['no second byte order mark', '\ufeff\ufeffdata: a\n\n', []],
  ])('reads %s', async (_, text, events) => {
    expect(await read(text)).toEqual(events);
  });

  it('does not depend on where the chunks are cut', async () => {
    const unit = fc.constantFrom(
      'data: é\n',
      'data:x\r\n',
      'id: 1\r',
      'event: e\n',
      'retry: 5\n',
      ':c\n',
      '\n',
      '\r\n',
      '\r',
      'd',
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit }), fc.array(fc.nat()), async (text, places) => {
        const bytes = encode(text);
        const sorted = [
          0,
          ...places.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const cut = sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
        expect(await read(...cut)).toEqual(await read(text));
      }),
    );
  });

  it('gives an event as soon as its empty line has come', async () => {
    const seen: string[] = [];
    async function* live() {
      yield encode('data: a\n\n');
      expect(seen).toEqual(['a']);
      yield encode('data: b\r\n\r');
      expect(seen).toEqual(['a', 'b']);
    }
    for await (const { data } of parseSse(live(), tooLarge)) seen.push(data);
    expect(seen).toEqual(['a', 'b']);
  });

  it('stops at an endless line and at endless data', async () => {
    let sent = 0;
    async function* endless(text: string) {
      yield encode('data: first\n\n');
      for (;;) {
        sent += text.length;
        yield encode(text);
      }
    }
    for (const text of ['a'.repeat(65_536), `data: ${'a'.repeat(65_529)}\n`]) {
      sent = 0;
      const seen: string[] = [];
      const reading = async () => {
        for await (const { data } of parseSse(endless(text), tooLarge)) seen.push(data);
      };
      await expect(reading()).rejects.toThrow(tooLarge(1_048_576));
      expect(seen).toEqual(['first']);
      expect(sent).toBeLessThanOrEqual(1_048_576 + 2 * 65_536);
    }
  });

  it('returns the source when the reader leaves', async () => {
    let returned = false;
    const chunks = source([encode('data: a\n\ndata: b\n\n')], () => {
      returned = true;
    });
    for await (const _ of parseSse(chunks, tooLarge)) break;
    expect(returned).toBe(true);
  });

  it.each(['\r', '\n', '\r\n', 'data:\n', 'data:\r', ':\r', 'id:\r', 'x', ' '])(
    'takes linear time for a megabyte of %j',
    async (unit) => {
      await expectLinearTime((length) => read(unit.repeat(length / unit.length)), 500_000);
    },
  );
});
