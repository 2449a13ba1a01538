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

/**
 * Wraps a response's body in its decoders and progress.
 *
 * A coding that cannot be undone breaks the body, not the response: a redirect is followed and a status seen all the same.
 */
export const withDecodedBody = (request: PreparedRequest, response: SessionResponse): SessionResponse => {
  const { source } = response;
  if (source === null) return response;
  const { decompress, onDownloadProgress } = request.options;
  let wrapped: BodySource = source;
  if (decompress && response.headers.has('content-encoding')) wrapped = decoded(source, request, response);
  if (onDownloadProgress !== null) wrapped = countedBody(wrapped, response, onDownloadProgress);
  return wrapped === source ? response : response.derive({ source: wrapped });
};

const decoded = (source: BodySource, request: PreparedRequest, response: SessionResponse): BodySource => {
  try {
    let wrapped = source;
    for (const coding of codingsOf(response)) wrapped = new DecodedBody(wrapped, coding, request, response);
    return wrapped;
  } catch (error) {
    return new UndecodableBody(source, error);
  }
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
    let broken: { readonly error: unknown } | null = null;
    const fed = this.#feed(decoder, first).catch((error: unknown) => {
      broken = { error };
      decoder.destroy(new Error('the body broke'));
    });
    try {
      for await (const chunk of decoder) yield chunk as Buffer;
    } catch (cause) {
      if (this.#cancelled) return;
      if (broken === null) {
        const error = translateDecodeError(cause, this.#request, this.#response);
        this.#inner.cancel(error);
        throw error;
      }
    } finally {
      decoder.destroy();
    }
    await fed;
    const failure = broken as { readonly error: unknown } | null; // set in a closure
    if (failure !== null) throw failure.error;
  }

  async #feed(decoder: Transform, first: Uint8Array): Promise<void> {
    let trailing = 0;
    for (let chunk: Uint8Array | null = first; chunk !== null; chunk = await this.#inner.read()) {
      if (decoder.destroyed || decoder.readableEnded) {
        // What follows a complete stream is of no interest, but a little is read, so that the connection can be used again.
        trailing += chunk.byteLength;
        if (trailing > maxTrailing) this.#inner.cancel();
      } else if (!decoder.write(chunk)) await drained(decoder);
    }
    decoder.end();
  }
}

const maxTrailing = 64 * 1024;

/** A body in a coding that nobody here can undo. */
class UndecodableBody implements BodySource {
  readonly #inner: BodySource;
  readonly #error: unknown;

  constructor(inner: BodySource, error: unknown) {
    this.#inner = inner;
    this.#error = error;
  }

  whenSettled(owner: BodyOwner): void {
    this.#inner.whenSettled(owner);
  }

  async read(): Promise<null> {
    // An empty body has nothing to undo, whatever its headers say.
    if ((await this.#inner.read()) === null) return null;
    this.#inner.cancel(this.#error);
    throw this.#error;
  }

  async readAll(): Promise<readonly Uint8Array[]> {
    await this.read();
    return [];
  }

  cancel(reason?: unknown): void {
    this.#inner.cancel(reason);
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

// zlib's own 16 KiB would make four chunks of each that a socket reads.
const settings = { chunkSize: 64 * 1024 };

const decoderFor = (coding: string, first: Uint8Array): Transform => {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(settings);
    case 'deflate':
      // RFC 9110 8.4.1.2: zlib format; some servers send the raw stream, and everybody has to cope.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate(settings) : createInflateRaw(settings);
    case 'br':
      return createBrotliDecompress(settings);
    default:
      return (
        zlib as unknown as { createZstdDecompress(options: typeof settings): Transform }
      ).createZstdDecompress(settings);
  }
};
