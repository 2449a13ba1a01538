import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { createBrotliDecompress, createInflate, createInflateRaw, type Zlib } from 'node:zlib';
import {
  type BodyOwner,
  type BodySource,
  BodyTooLargeError,
  codingsOf,
  countedBody,
  DecodingError,
  type PreparedRequest,
  readAllOf,
  type SessionResponse,
} from '@httpsession/core';
import { ChunkInput } from './chunk-input.ts';
import { gzipMembers, type Inflate } from './gzip-members.ts';
import { translateDecodeError } from './undici-errors.ts';

const knownCodings: readonly string[] = [
  'gzip',
  'deflate',
  'br',
  ...('createZstdDecompress' in zlib ? ['zstd'] : []), // Node >= 22.15
];

// The zlib of Deno 2.9 and that of Bun 1.4 take these for whole when their end is missing: they are not asked for there.
const unchecked: readonly string[] = process.versions.deno
  ? ['br', 'zstd']
  : process.versions.bun
    ? ['zstd']
    : [];

/** The codings to ask for, as `Accept-Encoding` lists them. */
export const supportedCodings: readonly string[] = knownCodings.filter(
  (coding) => !unchecked.includes(coding),
);

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
    this.#coding = coding === 'x-gzip' ? 'gzip' : coding;
    if (!knownCodings.includes(this.#coding)) {
      throw new DecodingError(
        `the body has the unknown content coding ${JSON.stringify(coding.slice(0, 40))}`,
        { response },
      );
    }
    this.#inner = inner;
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

  readAll(limit: number): Promise<readonly Uint8Array[]> {
    return readAllOf(this, limit, (most) => new BodyTooLargeError(most, { response: this.#response }));
  }

  cancel(reason?: unknown): void {
    this.#cancelled = true;
    this.#inner.cancel(reason);
    this.#decoder?.destroy();
  }

  async *#open(): AsyncGenerator<Buffer, void, undefined> {
    const input = new ChunkInput(this.#inner);
    const first = await input.read();
    // An empty body has nothing to undo, whatever its headers say.
    if (first === null) return;
    input.unread(first);
    const inflate: Inflate = (make) => this.#run(make(settings), input);
    try {
      yield* this.#coding === 'gzip' ? gzipMembers(input, inflate) : inflate(decoderFor(this.#coding, first));
    } catch (cause) {
      if (this.#cancelled) return;
      const error =
        cause instanceof Broken ? cause.reason : translateDecodeError(cause, this.#request, this.#response);
      this.#inner.cancel(error);
      throw error;
    }
    // What follows is of no interest, but whether the body is complete.
    await input.finish(maxTrailing);
  }

  /** One compressed stream: what follows it stays in the input. */
  async *#run(decoder: Transform & Zlib, input: ChunkInput): AsyncGenerator<Buffer, void, undefined> {
    this.#decoder = decoder;
    const fed = feed(decoder, input).catch((reason: unknown) => {
      decoder.destroy(new Broken(reason));
    });
    try {
      for await (const chunk of decoder) yield chunk as Buffer;
    } finally {
      decoder.destroy();
    }
    await fed;
  }
}

/** The body itself failed, not its coding. */
class Broken extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the body broke');
    this.reason = reason;
  }
}

const feed = async (decoder: Transform & Zlib, input: ChunkInput): Promise<void> => {
  let fed = 0;
  for (let chunk = await input.read(); chunk !== null; chunk = await input.read()) {
    fed += chunk.byteLength;
    await written(decoder, chunk);
    // It takes all or, at its own end, leaves the rest.
    if (decoder.bytesWritten === fed) continue;
    input.unread(chunk.subarray(chunk.byteLength - (fed - decoder.bytesWritten)));
    return;
  }
  decoder.end();
};

/** Writes a chunk and waits until it has been worked off, or the decoder is gone. */
const written = (decoder: Transform, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      decoder.off('close', settle);
      resolve();
    };
    decoder.on('close', settle);
    decoder.write(chunk, settle);
  });

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

// zlib's own 16 KiB would make four chunks of each that a socket reads.
const settings = { chunkSize: 64 * 1024 };

const decoderFor = (coding: string, first: Uint8Array): typeof createInflateRaw => {
  switch (coding) {
    case 'deflate':
      // RFC 9110 8.4.1.2: zlib format; some servers send the raw stream, and everybody has to cope.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate : createInflateRaw;
    case 'br':
      return createBrotliDecompress as typeof createInflateRaw;
    default:
      return (zlib as unknown as { createZstdDecompress: typeof createInflateRaw }).createZstdDecompress;
  }
};
