import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Bytes } from './bytes.ts';

/** Turns the bytes of a script into the bytes that go on the wire. */
export function expandBytes(bytes: Bytes): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes, 'utf8');
  if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ('base64' in bytes) return Buffer.from(bytes.base64, 'base64');
  if ('latin1' in bytes) return Buffer.from(bytes.latin1, 'latin1');
  if ('repeat' in bytes) return repeat(expandBytes(bytes.repeat), bytes.times);
  if ('join' in bytes) return Buffer.concat(bytes.join.map(expandBytes));
  if ('cut' in bytes) return expandBytes(bytes.cut).subarray(bytes.start, bytes.end);
  if ('gzip' in bytes) return gzipSync(expandBytes(bytes.gzip));
  if ('deflate' in bytes) return deflateSync(expandBytes(bytes.deflate));
  if ('deflateRaw' in bytes) return deflateRawSync(expandBytes(bytes.deflateRaw));
  return brotliCompressSync(expandBytes(bytes.brotli));
}

function repeat(bytes: Buffer, times: number): Buffer {
  return bytes.length === 0 ? bytes : Buffer.alloc(bytes.length * times, bytes);
}
