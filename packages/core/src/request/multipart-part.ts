import { kindOf } from '../kind-of.ts';
import { asBytes, type ByteSource, byteChunks } from './byte-chunks.ts';
import { type Scalar, scalarText } from './query.ts';

/** What a part may hold. A function is called once per send, so a stream that it makes can be sent again. */
export type MultipartContent =
  | Scalar
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | (() => ByteSource | Promise<ByteSource>);

/** One value with what its part's header says about it. */
export interface MultipartPart {
  readonly value: MultipartContent;
  /** `null` for none. @defaultValue a `File`'s name, the last segment of a file stream's path, else `blob`; none for text */
  readonly filename?: string | null | undefined;
  /** The part's Content-Type; `null` for none. @defaultValue the Blob's, else `application/octet-stream`; none for text */
  readonly type?: string | null | undefined;
  /** More header fields of the part. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How many bytes a stream will give, which makes the body's length known. */
  readonly size?: number | undefined;
}

/** Content that is read when it is sent. */
export interface PartSource {
  /** In bytes; null when only the end will tell. */
  readonly size: number | null;
  /** Whether it can be opened more than once. */
  readonly replayable: boolean;
  open(): AsyncIterable<Uint8Array>;
}

/** A part of the body: its header, with the empty line, and its content. */
export interface EncodedPart {
  readonly header: string;
  readonly content: string | Uint8Array | PartSource;
}

/**
 * Encodes one value of a multipart/form-data body.
 *
 * @throws {TypeError} naming the part and what is wrong with it
 */
export const encodePart = (name: string, given: unknown): EncodedPart => {
  const option = `multipart.${name}`;
  const part = isPart(given) ? given : { value: given };
  for (const key of Object.keys(part)) {
    if (!PART_KEYS.includes(key)) throw new TypeError(`${option}.${key} is no setting of a part`);
  }
  const { value, filename, type, headers, size } = { __proto__: null, ...part } as unknown as MultipartPart;
  const text = scalarText(value);
  const content = text ?? asBytes(value) ?? sourceOf(option, value);
  const named = filename === undefined ? guessFilename(text, value) : filename;
  const typed = type === undefined ? guessType(text, value) : type;

  // WHATWG HTML 4.10.22.8: newlines of names and of text fields become CRLF; a file's content is left as it is.
  let header = `Content-Disposition: form-data; name="${escapeQuoted(toCrlf(name))}"`;
  if (named !== null) header += `; filename="${escapeQuoted(checked(`${option}.filename`, named, /^/))}"`;
  if (typed !== null) header += `\r\nContent-Type: ${checked(`${option}.type`, typed, /^[\t -~]+$/)}`;
  for (const [field, line] of Object.entries(headers ?? {}))
    header += `\r\n${headerLine(option, field, line)}`;
  return {
    header: `${header}\r\n\r\n`,
    content: sized(option, typeof content === 'string' && named === null ? toCrlf(content) : content, size),
  };
};

const PART_KEYS: readonly string[] = ['value', 'filename', 'type', 'headers', 'size'];

const isPart = (given: unknown): given is MultipartPart =>
  Object.prototype.toString.call(given) === '[object Object]' && Object.hasOwn(given as object, 'value');

const isBlob = (value: unknown): value is Blob =>
  typeof value === 'object' && value !== null && 'stream' in value && 'size' in value && 'type' in value;

const sourceOf = (option: string, value: unknown): PartSource => {
  if (isBlob(value)) {
    return { size: value.size, replayable: true, open: () => byteChunks(option, value.stream()) };
  }
  if (typeof value === 'function') {
    return {
      size: null,
      replayable: true,
      async *open() {
        const made: unknown = await value();
        const whole = typeof made === 'string' || asBytes(made) !== null;
        yield* byteChunks(
          option,
          whole ? [made as string] : isBlob(made) ? made.stream() : (made as ByteSource),
        );
      },
    };
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    ('getReader' in value || Symbol.asyncIterator in value)
  ) {
    return { size: null, replayable: false, open: () => byteChunks(option, value as ByteSource) };
  }
  throw new TypeError(
    `${option} must be text, a number, a Blob, bytes, a stream, a function or { value: ... }, got ${kindOf(value)}`,
  );
};

const guessFilename = (text: string | null, value: unknown): string | null => {
  if (text !== null) return null;
  if (typeof File === 'function' && value instanceof File) return value.name;
  // Bun.file() has its path as name, fs.createReadStream() as path: directories are nobody's business.
  const { name, path } = Object(value);
  const given = [name, path].find((item) => typeof item === 'string' && typeof value !== 'function') ?? '';
  return given.replace(/^.*[\\/]/s, '') || 'blob';
};

const guessType = (text: string | null, value: unknown): string | null =>
  text !== null ? null : (isBlob(value) && value.type) || 'application/octet-stream';

const headerLine = (option: string, field: string, line: unknown): string => {
  // RFC 9110 5.6.2. The two others are ours: they tell what the part is.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(field) || /^content-(disposition|type)$/i.test(field)) {
    throw new TypeError(`${option}.headers must hold other header names, got ${JSON.stringify(field)}`);
  }
  return `${field}: ${checked(`${option}.headers.${field}`, line, /^[^\0\r\n]*$/)}`;
};

const checked = (option: string, value: unknown, allowed: RegExp): string => {
  if (typeof value === 'string' && allowed.test(value)) return value;
  throw new TypeError(`${option} must be text without control characters, got ${JSON.stringify(value)}`);
};

const sized = (
  option: string,
  content: EncodedPart['content'],
  size: number | undefined,
): EncodedPart['content'] => {
  if (size === undefined) return content;
  const source = typeof content === 'object' && 'open' in content ? content : null;
  if (!Number.isSafeInteger(size) || size < 0 || source === null || (source.size ?? size) !== size) {
    throw new TypeError(
      `${option}.size must be the number of bytes that a stream gives, got ${String(size)}`,
    );
  }
  return { ...source, size, open: () => exactly(option, source.open(), size) };
};

/** A length that proves wrong would run into the next part, or into the next request. */
async function* exactly(
  option: string,
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0;
  for await (const chunk of chunks) {
    sent += chunk.length;
    if (sent > size) break;
    yield chunk;
  }
  if (sent !== size) {
    throw new TypeError(
      `${option}.size is ${size}, but the stream gave ${sent > size ? 'more' : sent} bytes`,
    );
  }
}

const toCrlf = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n');

const escapeQuoted = (text: string): string =>
  text.replace(/["\r\n]/g, (character) => (character === '"' ? '%22' : character === '\r' ? '%0D' : '%0A'));
