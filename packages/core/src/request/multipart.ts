import {
  type EncodedPart,
  encodePart,
  type MultipartContent,
  type MultipartPart,
  type PartSource,
} from './multipart-part.ts';
import { entriesOf } from './query.ts';

/** What a name may be given: an array repeats the name; `null` and `undefined` are left out. */
export type MultipartValue =
  | MultipartContent
  | MultipartPart
  | null
  | undefined
  | readonly (MultipartContent | MultipartPart | null | undefined)[];

/** The parts of a multipart/form-data body, in their order. */
export type MultipartInit =
  | FormData
  | Readonly<Record<string, MultipartValue>>
  | Iterable<readonly [string, MultipartValue]>;

/** A multipart/form-data body, ready to be sent. */
export interface EncodedMultipart {
  /** With the boundary. */
  readonly contentType: string;
  /** In bytes; null when a stream of unknown size is among the parts. */
  readonly length: number | null;
  /** False when a part is a stream, which can be read only once. */
  readonly replayable: boolean;
  /** The body from its start; Blobs and streams are read no faster than it is. Once only, unless replayable. */
  stream(): AsyncGenerator<Uint8Array, void, undefined>;
  /** The whole body, when it is in memory and no more than 64 KiB. */
  readonly bytes?: Uint8Array;
}

/**
 * Encodes parts as multipart/form-data (RFC 7578), as browsers do: names escaped, newlines of text fields made CRLF.
 * Memory use does not grow with the size of Blobs and streams.
 *
 * @param boundary 1 to 70 characters of RFC 2046 5.1.1 that occur in no part. Random unless given
 * @throws {TypeError} naming the part or argument that cannot be sent
 */
export const encodeMultipart = (
  init: MultipartInit,
  boundary: string = randomBoundary(),
): EncodedMultipart => {
  if (typeof boundary !== 'string' || !BOUNDARY.test(boundary)) {
    throw new TypeError(
      `boundary must be 1 to 70 characters of RFC 2046 5.1.1, got ${JSON.stringify(boundary)}`,
    );
  }
  const pieces = assemble(encodeParts(init), boundary);
  const length = pieces.reduce<number | null>((sum, piece) => add(sum, sizeOf(piece)), 0);
  const bytes = length !== null && length <= 65_536 ? join(pieces, length) : null;
  return {
    // RFC 2045 5.1: what is no token is quoted.
    contentType: `multipart/form-data; boundary=${/[^\w'+.-]/.test(boundary) ? `"${boundary}"` : boundary}`,
    length,
    replayable: pieces.every((piece) => piece instanceof Uint8Array || piece.replayable),
    async *stream() {
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) yield piece;
        else yield* piece.open();
      }
    },
    ...(bytes !== null && { bytes }),
  };
};

type Piece = Uint8Array | PartSource;

// RFC 2046 5.1.1: a space may stand anywhere but at the end.
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

const randomBoundary = (): string =>
  `httpsession-${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;

const encodeParts = (init: MultipartInit): EncodedPart[] => {
  const parts: EncodedPart[] = [];
  for (const [name, value] of entriesOf('multipart', init)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) parts.push(encodePart(name, item));
    }
  }
  return parts;
};

/** Text that stands together is one piece, so that a form of many fields is not sent in crumbs. */
const assemble = (parts: readonly EncodedPart[], boundary: string): Piece[] => {
  const encoder = new TextEncoder();
  const pieces: Piece[] = [];
  let text = '';
  for (const { header, content } of parts) {
    text += `--${boundary}\r\n${header}`;
    if (typeof content === 'string') {
      text += content;
    } else {
      pieces.push(encoder.encode(text), content);
      text = '';
    }
    text += '\r\n';
  }
  pieces.push(encoder.encode(`${text}--${boundary}--\r\n`));
  return pieces;
};

const sizeOf = (piece: Piece): number | null => (piece instanceof Uint8Array ? piece.length : piece.size);

const add = (sum: number | null, size: number | null): number | null =>
  sum === null || size === null ? null : sum + size;

const join = (pieces: readonly Piece[], length: number): Uint8Array | null => {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) return null;
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
};
