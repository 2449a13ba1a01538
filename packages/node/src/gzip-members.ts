import { crc32, createInflateRaw } from 'node:zlib';
import type { ChunkInput } from './chunk-input.ts';

/** Undoes one compressed stream at the start of the input, and leaves in it what follows. */
export type Inflate = (make: typeof createInflateRaw) => AsyncIterable<Buffer>;

/** A gzip file that is not what RFC 1952 says, or ends too early. */
class GzipError extends Error {}

const fixedHeader = 10;
const trailerLength = 8;
const longestName = 64 * 1024;
// Each costs a decoder of its own: twenty bytes that take twenty microseconds.
const maxMembers = 100_000;

/**
 * The content of a gzip file, member by member (RFC 1952 2.2). What follows the last member is left in the input.
 *
 * (Node's own decoder takes whatever follows for one more member and fails on it, together with the end of the content.)
 */
export async function* gzipMembers(input: ChunkInput, inflate: Inflate): AsyncGenerator<Buffer> {
  for (let members = 0; await begins(input, members === 0); members += 1) {
    if (members === maxMembers) throw new GzipError(`more than ${maxMembers} gzip members`);
    let sum = 0;
    let size = 0;
    for await (const chunk of inflate(createInflateRaw)) {
      sum = crc32(chunk, sum);
      size += chunk.byteLength;
      yield chunk;
    }
    const trailer = await exactly(input, trailerLength);
    if (trailer.readUInt32LE(0) !== sum) throw new GzipError('incorrect data check');
    if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw new GzipError('incorrect length check');
  }
}

/** Takes a member's header off the input; false at what is none, which must not be the first. */
const begins = async (input: ChunkInput, first: boolean): Promise<boolean> => {
  const header = await input.take(fixedHeader);
  const isHeader =
    header.length === fixedHeader && header[0] === 0x1f && header[1] === 0x8b && header[2] === 8;
  if (!isHeader) {
    input.unread(header);
    if (!first) return false;
    throw new GzipError(header.length < fixedHeader ? 'unexpected end of file' : 'incorrect header check');
  }
  const flags = header[3] ?? 0;
  if ((flags & 0xe0) !== 0) throw new GzipError('unknown header flags');
  if ((flags & 4) !== 0) await exactly(input, (await exactly(input, 2)).readUInt16LE(0));
  if ((flags & 8) !== 0) await skipName(input);
  if ((flags & 16) !== 0) await skipName(input);
  if ((flags & 2) !== 0) await exactly(input, 2);
  return true;
};

const exactly = async (input: ChunkInput, length: number): Promise<Buffer> => {
  const bytes = await input.take(length);
  if (bytes.length < length) throw new GzipError('unexpected end of file');
  return bytes;
};

const skipName = async (input: ChunkInput): Promise<void> => {
  for (let length = 0; (await exactly(input, 1))[0] !== 0; length += 1) {
    if (length === longestName) throw new GzipError('a name without an end');
  }
};
