/**
 * Bytes of a script, as data that survives JSON: a string (UTF-8), raw bytes, or a recipe that the server expands when
 * it sends them, so that a megabyte or a gzip bomb costs a remote test a few characters.
 */
export type Bytes =
  | string
  | Uint8Array
  | { readonly base64: string }
  | { readonly latin1: string }
  | { readonly repeat: Bytes; readonly times: number }
  | { readonly join: readonly Bytes[] }
  | { readonly cut: Bytes; readonly start?: number; readonly end?: number }
  | { readonly gzip: Bytes }
  | { readonly deflate: Bytes }
  | { readonly deflateRaw: Bytes }
  | { readonly brotli: Bytes };

/** Bytes given by code points 0 to 255, for header values and faults that UTF-8 would change. */
export const latin1 = (text: string): Bytes => ({ latin1: text });

/** The same bytes `times` over: `repeated('x', 4 * 1024 * 1024)` is a body of 4 MiB. */
export const repeated = (bytes: Bytes, times: number): Bytes => ({ repeat: bytes, times });

/** Several bytes one after another: two gzip members, a status line and its faulty headers. */
export const joined = (...parts: readonly Bytes[]): Bytes => ({ join: parts });

/** A part of the bytes, with the indices of `Array.prototype.slice`: `cut(gzipped(x), 0, -8)` lacks its trailer. */
export const cut = (bytes: Bytes, start?: number, end?: number): Bytes => ({
  cut: bytes,
  ...(start === undefined ? {} : { start }),
  ...(end === undefined ? {} : { end }),
});

/** The bytes as one gzip member (RFC 1952). */
export const gzipped = (bytes: Bytes): Bytes => ({ gzip: bytes });

/** The bytes in zlib format, which is what `Content-Encoding: deflate` means (RFC 1950). */
export const deflated = (bytes: Bytes): Bytes => ({ deflate: bytes });

/** The bytes as a bare deflate stream (RFC 1951), which some servers send as `deflate`. */
export const deflatedRaw = (bytes: Bytes): Bytes => ({ deflateRaw: bytes });

/** The bytes compressed with Brotli (RFC 7932). */
export const brotlied = (bytes: Bytes): Bytes => ({ brotli: bytes });
