import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DecodingError, IncompleteBodyError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { Session } from '../session/session.ts';
import { type FetchTransportOptions, fetchTransport } from './fetch-transport.ts';

const text = 'the same text, over and over; '.repeat(50);

/** A GET through a fetch that undoes what `decodes` says, and answers with these bytes. */
const answered = (
  body: Uint8Array | ReadableStream<Uint8Array>,
  coding: string,
  decodes: readonly string[] = [],
  onDownloadProgress?: (progress: { loaded: number; total: number | null }) => void,
): PromiseLike<SessionResponse> => {
  const answer = async (): Promise<Response> =>
    new Response(body instanceof Uint8Array ? new Uint8Array(body) : body, {
      headers: { 'content-encoding': coding },
    });
  const platform: Platform = {
    name: 'test',
    createTransport: () => fetchTransport(answer, { capabilities: { decodes } }),
    userAgent: null,
    cookies: null,
  };
  return new Session({ retry: null }, platform).get('http://a.test/', {
    ...(onDownloadProgress && { onDownloadProgress }),
  });
};

it.each([
  ['gzip', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['deflate, gzip', gzipSync(deflateSync(text))],
  ['identity, GZIP', gzipSync(text)],
])('undoes %s where the fetch does not', async (coding, body) => {
  const response = await answered(body, coding);
  expect(await response.text()).toBe(text);
});

it('leaves alone what the fetch undoes by itself', async () => {
  const response = await answered(new TextEncoder().encode(text), 'gzip', ['gzip']);
  expect(await response.text()).toBe(text);
});

it.each<[string, FetchTransportOptions]>([
  ['decodes nothing', { capabilities: { decodes: [] } }],
  ['is told by the request', { honoursDecompress: true }],
])('hands an encoded body on with `decompress: false` where the fetch %s', async (_, options) => {
  const body = gzipSync(text);
  const { session } = answering(new Uint8Array(body), options);
  expect(await session.get('http://a.test/').bytes()).toEqual(new Uint8Array(body));
});

it('refuses `decompress: false`, and sends nothing, where the fetch decodes by itself', async () => {
  const { session, calls } = answering(new TextEncoder().encode(text));
  await expect(Promise.resolve(session.get('http://a.test/'))).rejects.toMatchObject({
    name: 'UnsupportedOptionError',
    option: 'decompress',
    message: expect.stringContaining('decompress is not supported on fetch'),
  });
  expect(calls()).toBe(0);
  expect(await session.get('http://a.test/', { decompress: true }).text()).toBe(text);
});

/** A session with `decompress: false` over a fetch that answers with these bytes, said to be gzip. */
const answering = (
  body: Uint8Array<ArrayBuffer>,
  options?: FetchTransportOptions,
): { session: Session; calls: () => number } => {
  let calls = 0;
  const answer = (): Response => {
    calls += 1;
    return new Response(body, { headers: { 'content-encoding': 'gzip' } });
  };
  const platform: Platform = {
    name: 'test',
    createTransport: () => fetchTransport(answer, options),
    userAgent: null,
    cookies: null,
  };
  return { session: new Session({ retry: null, decompress: false }, platform), calls: () => calls };
};

it('counts decoded bytes and knows no total of an encoded body', async () => {
  const seen: [number, number | null][] = [];
  const response = await answered(gzipSync(text), 'gzip', [], ({ loaded, total }) =>
    seen.push([loaded, total]),
  );
  await response.text();
  expect(seen.at(-1)).toEqual([text.length, null]);
});

it.each([
  ['rot13', 'the unknown content coding "rot13"'],
  ['gzip, gzip, gzip, gzip, gzip, gzip', '6 content codings'],
])('refuses %s', async (coding, reason) => {
  const error = await Promise.resolve(answered(new Uint8Array(4), coding)).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DecodingError);
  expect(String(error)).toContain(reason);
});

it('fails a body that is not what its coding says', async () => {
  const response = await answered(new TextEncoder().encode('plain'), 'gzip');
  await expect(response.text()).rejects.toBeInstanceOf(DecodingError);
});

it('says so when the connection breaks in the middle of an encoded body', async () => {
  const half = gzipSync(text).subarray(0, 20);
  let turn = 0;
  const broken = new ReadableStream({
    pull(controller) {
      turn += 1;
      if (turn === 1) controller.enqueue(new Uint8Array(half));
      else controller.error(new TypeError('terminated'));
    },
  });
  const response = await answered(broken, 'gzip');
  await expect(response.text()).rejects.toBeInstanceOf(IncompleteBodyError);
});
