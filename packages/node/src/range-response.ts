import { codingsOf, type ResponseHeaders, type SessionResponse } from '@httpsession/core';
import type { Version } from './partial-file.ts';

/**
 * What tells one version of a resource from another for `If-Range` (RFC 9110 13.1.5): a strong entity tag, else a date that is strong
 * enough, else `null`: then no part of it can be fetched later.
 *
 * Only of a complete answer to a GET that came without content coding: ranges count the coded bytes, and we keep the others.
 */
export const validatorOf = (response: SessionResponse): string | null => {
  const { headers, request, status } = response;
  if (status !== 200 || request.method !== 'GET' || request.headers.has('range')) return null;
  if (codingsOf(response).length > 0 || headers.get('accept-ranges')?.trim().toLowerCase() === 'none')
    return null;
  const tag = headers.get('etag')?.trim() ?? '';
  if (/^"[!#-~\x80-\xff]*"$/.test(tag)) return tag;
  const modified = headers.get('last-modified')?.trim() ?? '';
  // RFC 9110 8.8.2.2: a file that changed in the second in which it was served has the same date for two versions.
  const age = Date.parse(headers.get('date') ?? '') - Date.parse(modified);
  return age >= 1000 ? modified : null;
};

/** What the answer to a request for the bytes from `position` on is good for. */
export type Continuation =
  /** Its body goes from the position to the end; `total` is the length of the whole. */
  | { readonly kind: 'append'; readonly total: number }
  /** The bytes that are there are all there are. */
  | { readonly kind: 'complete' }
  /** Its body is the whole of another version, to be written from the start. */
  | { readonly kind: 'whole' }
  /** Nothing of it can be used: the whole must be asked for. */
  | { readonly kind: 'useless' }
  /** The server refuses altogether. */
  | { readonly kind: 'refused' };

/** Judges an answer to `Range: bytes=<position>-` with `If-Range: <version.validator>`. */
export const continuationOf = (
  response: SessionResponse,
  position: number,
  version: Version,
  total: number | null,
): Continuation => {
  const { status, headers } = response;
  if (status === 200) return { kind: 'whole' };
  if (status !== 206 && status !== 416) return { kind: status >= 400 ? 'refused' : 'useless' };
  if (namesOther(headers, version)) return { kind: 'useless' };
  const range = headers.get('content-range')?.trim() ?? '';
  if (status === 416) {
    // If-Range has let it through, so it is the same version; there is nothing behind its end.
    const length = Number(/^bytes \*\/(\d{1,15})$/.exec(range)?.[1]);
    return { kind: length === position && length === (total ?? length) ? 'complete' : 'useless' };
  }
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(range) ?? [];
  const whole = size === undefined || size === '*' ? total : Number(size);
  // Where nobody says how long the whole is, nobody knows whether the part is the rest of it.
  const isRest =
    whole !== null && position < whole && Number(first) === position && Number(last) === whole - 1;
  if (!isRest || whole !== (total ?? whole) || codingsOf(response).length > 0) return { kind: 'useless' };
  const length = headers.get('content-length')?.trim() ?? '';
  const isAsLong = length === '' || Number(length) === whole - position;
  return isAsLong ? { kind: 'append', total: whole } : { kind: 'useless' };
};

/** Whether it says that it is of another version: the server did not look at If-Range. It need not name any (RFC 9110 15.3.7). */
const namesOther = (headers: ResponseHeaders, { validator, modified }: Version): boolean => {
  const tag = headers.get('etag')?.trim();
  if (tag !== undefined && validator.startsWith('"')) return tag !== validator;
  const date = headers.get('last-modified')?.trim() ?? modified;
  return date !== modified && modified !== null;
};
