import { UnreplayableBodyError } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import { asBytes, type ByteSource, byteChunks, concatBytes } from './byte-chunks.ts';
import { ChunkReader, chunkSource } from './chunk-reader.ts';
import { encodeForm, FORM_CONTENT_TYPE } from './form.ts';
import { encodeMultipart } from './multipart.ts';

/**
 * What `body` takes. A function is called once per send, so a stream that it makes can be sent again. It is called after the headers are
 * fixed, so no content type follows from what it makes: a form, which nobody could read without its type, is given as it is, and can be
 * sent again anyway.
 */
export type BodyInit = Content | FormData | URLSearchParams | (() => Content | Promise<Content>);

type Content =
  | string
  | Uint8Array
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/** An encoded request body: what transports send and repeaters ask about. */
export interface RequestBody {
  /** `one-shot` is a stream that was given as such; the others can be opened any number of times. */
  readonly kind: 'memory' | 'source' | 'one-shot';
  /** The content type that the content implies; the caller's header wins. */
  readonly contentType: string | null;
  /** Bytes, or `null` when only the end of the stream will tell. */
  readonly length: number | null;
  /** Whether it can be sent now: a redirect, retry or challenge asks before it repeats. False once a one-shot stream was opened. */
  readonly replayable: boolean;
  /** The content, when it is in memory as a whole. */
  readonly bytes: Uint8Array | null;
  /**
   * The content from its start.
   * @throws {UnreplayableBodyError} when it was a one-shot stream and has been opened before
   */
  stream(): AsyncIterable<Uint8Array>;
}

const encoder = new TextEncoder();

/** Encodes what the caller gave; `null` for no body. */
export const encodeBody = (init: BodyInit): RequestBody => {
  if (typeof init === 'string') return bytesBody(encoder.encode(init), 'text/plain;charset=UTF-8');
  if (typeof init === 'function') return factoryBody(init);
  if (typeof init !== 'object' || init === null) throw notBody(init);
  const bytes = asBytes(init);
  if (bytes !== null) return bytesBody(bytes, null);
  if (init instanceof Blob) return blobBody(init);
  if (isTagged(init, 'FormData')) return multipartBody(init as FormData);
  if (isTagged(init, 'URLSearchParams')) {
    return bytesBody(encoder.encode(String(init)), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  if (Array.isArray(init)) return bytesBody(concatBytes(init.map(toChunk)), null);
  if (isIterable(init)) return streamBody(init);
  throw notBody(init);
};

const notBody = (value: unknown): TypeError =>
  new TypeError(
    `body must be text, bytes, a Blob, a form, a stream or a function, got ${kindOf(value)}; json and form take objects`,
  );

/**
 * Encodes `json`.
 * @throws {TypeError} when the value has no JSON form, or holds NaN or an infinity, which JSON would turn into null
 */
export const jsonBody = (value: unknown): RequestBody => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
    // NaN and the infinities become null without a word. Looking costs a second pass, so only where a null came out.
    if (text?.includes('null')) JSON.stringify(value, refuseNonNumbers);
  } catch (cause) {
    throw new TypeError(`json cannot be written as JSON: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
  if (text === undefined) throw new TypeError(`json cannot be written as JSON: got ${typeof value}`);
  return bytesBody(encoder.encode(text), 'application/json');
};

/** Encodes `form` as application/x-www-form-urlencoded, without a charset, as requests does. */
export const formBody = (init: Parameters<typeof encodeForm>[0]): RequestBody =>
  bytesBody(encoder.encode(encodeForm(init)), FORM_CONTENT_TYPE);

/** Encodes `multipart` as multipart/form-data, streamed where parts are. */
export const multipartBody = (
  init: Parameters<typeof encodeMultipart>[0],
  boundary?: string,
): RequestBody => {
  const encoded = encodeMultipart(init, boundary);
  if (!encoded.replayable) return oneShot(encoded.contentType, encoded.length, () => encoded.stream());
  return {
    kind: encoded.bytes === undefined ? 'source' : 'memory',
    contentType: encoded.contentType,
    length: encoded.length,
    replayable: true,
    bytes: encoded.bytes ?? null,
    stream: () => encoded.stream(),
  };
};

/** A body that is in memory. */
export const bytesBody = (bytes: Uint8Array, contentType: string | null): RequestBody => ({
  kind: 'memory',
  contentType,
  length: bytes.byteLength,
  replayable: true,
  bytes,
  stream: () => once(bytes),
});

const blobBody = (blob: Blob): RequestBody => ({
  kind: 'source',
  contentType: blob.type === '' ? null : blob.type,
  length: blob.size,
  replayable: true,
  bytes: null,
  stream: () => byteChunks('body', blob.stream()),
});

const streamBody = (source: ByteSource): RequestBody => oneShot(null, null, () => byteChunks('body', source));

const oneShot = (
  contentType: string | null,
  length: number | null,
  open: () => AsyncIterable<Uint8Array>,
): RequestBody => {
  let opened = false;
  return {
    kind: 'one-shot',
    contentType,
    length,
    // A stream that no attempt has touched yet can still be sent.
    get replayable() {
      return !opened;
    },
    bytes: null,
    stream: () => {
      if (opened) throw unreplayable();
      opened = true;
      return open();
    },
  };
};

const factoryBody = (make: () => Content | Promise<Content>): RequestBody => ({
  kind: 'source',
  contentType: null,
  length: null,
  replayable: true,
  bytes: null,
  stream: () =>
    new ChunkReader(async () => {
      const made: unknown = await make();
      if (typeof made === 'function')
        throw new TypeError('body: the function must return a body, got a function');
      for (const form of ['FormData', 'URLSearchParams'])
        if (isTagged(made, form))
          throw new TypeError(
            `body: the function must not return ${form}, whose content type it is too late for: give it without the function`,
          );
      return chunkSource(encodeBody(made as Content).stream());
    }, toChunk),
});

const toChunk = (chunk: unknown): Uint8Array => {
  const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : asBytes(chunk);
  if (bytes === null) throw new TypeError(`body must hold bytes or text, got ${kindOf(chunk)}`);
  return bytes;
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

const unreplayable = (): UnreplayableBodyError =>
  new UnreplayableBodyError(
    'the body was a one-shot stream and is needed again; pass a function that makes it',
  );

const refuseNonNumbers = (_key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${value} is not a JSON number`);
  return value;
};

// Values may come from another realm, where instanceof fails.
const isTagged = (value: unknown, tag: string): boolean =>
  Object.prototype.toString.call(value) === `[object ${tag}]`;

// Maps and Sets are iterable, and what they yield is never a chunk.
const isIterable = (value: object): value is ByteSource =>
  Symbol.asyncIterator in value ||
  (Symbol.iterator in value && !isTagged(value, 'Map') && !isTagged(value, 'Set')) ||
  isTagged(value, 'ReadableStream');
