import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import {
  type BodyOwner,
  type BodySource,
  BodyTooLargeError,
  codingsOf,
  countedBody,
  DecodingError,
  type PreparedRequest,
  type SessionResponse,
} from '@httpsession/core';
import { translateDecodeError } from './undici-errors.ts';

/** The codings that this Node can undo, as `Accept-Encoding` lists them. */
export const supportedCodings: readonly string[] = [
  'gzip',
  'deflate',
  'br',
  ...('createZstdDecompress' in zlib ? ['zstd'] : []), // Node >= 22.15
];

/** Wraps a response's body in its decoders and progress. @throws {DecodingError} for a coding that cannot be undone */
export const withDecodedBody = (request: PreparedRequest, response: SessionResponse): SessionResponse => {
  const { source } = response;
  if (source === null) return response;
  const { decompress, onDownloadProgress } = request.options;
  let wrapped: BodySource = source;
  if (decompress)
    for (const coding of codingsOf(response)) wrapped = new DecodedBody(wrapped, coding, request, response);
  if (onDownloadProgress !== null) wrapped = countedBody(wrapped, response, onDownloadProgress);
  return wrapped === source ? response : response.derive({ source: wrapped });
};

/** A body undone by zlib, chunk by chunk, under the reader's backpressure. */
class DecodedBody implements BodySource {
  readonly #inner: BodySource;
  readonly #coding: string;
  readonly #request: PreparedRequest;
  readonly #response: SessionResponse;
  #chunks: AsyncIterator<Buffer> | null = null;
  #decoder: Transform | null = null;
  #cancelled = false;

  constructor(inner: BodySource, coding: string, request: PreparedRequest, response: SessionResponse) {
    if (!supportedCodings.includes(coding === 'x-gzip' ? 'gzip' : coding)) {
      throw new DecodingError(
        `the body has the unknown content coding ${JSON.stringify(coding.slice(0, 40))}`,
        { response },
      );
    }
    this.#inner = inner;
    this.#coding = coding;
    this.#request = request;
    this.#response = response;
  }

  whenSettled(owner: BodyOwner): void {
    this.#inner.whenSettled(owner);
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#cancelled) return null;
    this.#chunks ??= this.#open();
    const { done, value } = await this.#chunks.next();
    return done === true ? null : value;
  }

  async readAll(limit: number): Promise<readonly Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) {
      size += chunk.byteLength;
      if (size > limit) {
        this.cancel();
        throw new BodyTooLargeError(limit, { response: this.#response });
      }
      chunks.push(chunk);
    }
    return chunks;
  }

  cancel(reason?: unknown): void {
    this.#cancelled = true;
    this.#inner.cancel(reason);
    this.#decoder?.destroy();
  }

  async *#open(): AsyncGenerator<Buffer, void, undefined> {
    const first = await this.#inner.read();
    // An empty body has nothing to undo, whatever its headers say.
    if (first === null) return;
    const decoder = decoderFor(this.#coding, first);
    this.#decoder = decoder;
    let broken: unknown;
    const fed = this.#feed(decoder, first).catch((error: unknown) => {
      broken = error;
      decoder.destroy(error instanceof Error ? error : new Error('the body ended', { cause: error }));
    });
    try {
      for await (const chunk of decoder) yield chunk as Buffer;
    } catch (cause) {
      if (this.#cancelled) return;
      this.#inner.cancel(cause);
      throw broken === undefined ? translateDecodeError(cause, this.#request) : broken;
    } finally {
      decoder.destroy();
    }
    await fed;
    if (broken !== undefined) throw broken;
  }

  async #feed(decoder: Transform, first: Uint8Array): Promise<void> {
    for (let chunk: Uint8Array | null = first; chunk !== null; chunk = await this.#inner.read()) {
      // What follows a complete stream (padding, trailing bytes) is of no interest, but must be read off the connection.
      if (decoder.writableEnded || decoder.destroyed || decoder.readableEnded) continue;
      if (!decoder.write(chunk)) await drained(decoder);
    }
    decoder.end();
  }
}

const drained = (decoder: Transform): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      decoder.off('drain', done);
      decoder.off('close', done);
      decoder.off('end', done);
      resolve();
    };
    decoder.on('drain', done);
    decoder.on('close', done);
    decoder.on('end', done);
  });

const decoderFor = (coding: string, first: Uint8Array): Transform => {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      // RFC 9110 8.4.1.2: zlib format; some servers send the raw stream, and everybody has to cope.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    case 'br':
      return createBrotliDecompress();
    default:
      return (zlib as unknown as { createZstdDecompress(): Transform }).createZstdDecompress();
  }
};
