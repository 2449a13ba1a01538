import { InvalidHeaderError, UnsupportedOptionError } from '../errors.ts';
import type { CallOptions } from '../options/call-options.ts';
import { isPlainHeader } from '../redirect/credential-filter.ts';
import { HeaderList } from '../request/header-list.ts';
import type { RequestBody } from '../request/request-body.ts';
import type { RequestURL } from '../request/request-url.ts';
import type { Transport } from '../transport/transport.ts';
import { isBoundTo } from './session-origins.ts';

/** The session's headers for this URL, the body's own type, and the call's headers over both. */
export const mergeHeaders = (
  session: { readonly boundOrigins: ReadonlySet<string> | null; defaultHeaders(): HeaderList },
  target: RequestURL,
  own: CallOptions,
  callHeaders: HeaderList,
  body: RequestBody | null,
): HeaderList => {
  let headers = session.defaultHeaders();
  if (!isBoundTo(session.boundOrigins, target.origin)) headers = headers.filter(isPlainHeader);
  if (own.headers === null) headers = HeaderList.empty;
  const type = body?.contentType ?? null;
  // A body's own type stands below the caller's header: `null` there really removes it.
  if (type !== null && !headers.has('content-type')) headers = headers.with('content-type', type);
  headers = headers.merge(callHeaders);
  // Without a boundary, or with one that the body does not use, no server could read it.
  return type !== null && isForm(type) && isForm(headers.get('content-type') ?? '')
    ? headers.with('content-type', type)
    : headers;
};

const isForm = (type: string): boolean => /^multipart\/form-data\s*(?:;|$)/i.test(type);

// The framing of a message is the transport's: a caller's own would split it (RFC 9112 6, 7; request smuggling).
const framing: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'proxy-connection',
  'proxy-authorization',
]);

/** @throws {InvalidHeaderError | UnsupportedOptionError} for headers that are not the caller's to set */
export const checkHeaders = (headers: HeaderList, transport: Transport): void => {
  // The same lists come again call after call.
  if (headers.checkedFor === transport) return;
  const { forbiddenHeaders } = transport.capabilities;
  for (const lower of headers.lowerNames) {
    if (framing.has(lower)) throw new InvalidHeaderError(`header ${lower} belongs to the transport`);
    if (lower === 'connection' && !/^(?:close|keep-alive)$/i.test(headers.get(lower) ?? '')) {
      throw new InvalidHeaderError('header connection may be only close or keep-alive');
    }
    if (forbiddenHeaders.includes(lower)) {
      throw new UnsupportedOptionError(
        `headers.${lower}`,
        transport.name,
        'the platform would drop or replace it',
      );
    }
  }
  // The empty list is everybody's: it would keep the transport of a session that is gone.
  if (headers.size > 0) headers.checkedFor = transport;
};
