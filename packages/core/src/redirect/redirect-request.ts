import { InvalidURLError, RedirectError, UnreplayableBodyError, UnsafeRedirectError } from '../errors.ts';
import type { HeaderList } from '../request/header-list.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { parseRequestURL, type RequestURL } from '../request/request-url.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { crossesOrigin } from './credential-filter.ts';

/**
 * The request that a redirect asks for, or `null` when the response is none. Pure.
 *
 * `request` is the pristine one, without what cookies and auth added to it for this hop.
 * @throws {UnsafeRedirectError} for a target that is not http(s), or a step from https down to http
 * @throws {RedirectError} for a Location that is no URL
 * @throws {UnreplayableBodyError} when the body must go along and cannot
 */
export const redirectRequest = (
  request: PreparedRequest,
  response: SessionResponse,
): PreparedRequest | null => {
  if (!redirectStatuses.has(response.status)) return null;
  const location = response.headers.getAll('location')[0]?.trim() ?? '';
  // requests and browsers agree: an empty Location leads nowhere.
  if (location === '') return null;
  const { redirect } = request.options;
  const target = targetOf(location, request, response);
  const crossOrigin = target.origin !== request.origin;
  if (
    crossOrigin &&
    request.target.protocol === 'https:' &&
    target.protocol === 'http:' &&
    !redirect.allowDowngrade
  ) {
    throw new UnsafeRedirectError('the redirect leads from https down to http', { response });
  }
  const method = methodAfter(request.method, response.status, redirect.methods);
  const keepsBody = method === request.method;
  let { headers, body } = request;
  // RFC 9110 15.4: what became a GET has no content, and nothing may describe it.
  if (!keepsBody) {
    body = null;
    headers = headers.filter(describesNoContent);
  }
  // A Host header was meant for the first server (RFC 9110 7.2).
  headers = headers.with('host', null);
  if (crossOrigin) headers = headers.filter(crossesOrigin(redirect.forwardHeaders));
  if (body !== null) {
    if (!body.replayable) {
      throw new UnreplayableBodyError(
        `a ${response.status} wants the body again, and it was a one-shot stream`,
        { request },
      );
    }
    if (crossOrigin && !redirect.crossOriginBody) {
      throw new UnsafeRedirectError('the redirect would carry the body to another origin', { response });
    }
  }
  return request.with({ method, target, headers, body });
};

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

// WHATWG Fetch 4.4, HTTP-redirect fetch, step 12; requests' rebuild_method.
const methodAfter = (method: string, status: number, rules: 'fetch' | 'requests'): string => {
  if (method === 'HEAD' || status === 307 || status === 308) return method;
  if (status === 303) return 'GET';
  if (rules === 'requests') return status === 302 || method === 'POST' ? 'GET' : method;
  return method === 'POST' ? 'GET' : method;
};

const describesNoContent = (lowerName: string): boolean => !contentHeaders.has(lowerName);

const contentHeaders: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
  'content-md5',
  'content-disposition',
  'digest',
  'content-digest',
  'transfer-encoding',
]);

const targetOf = (location: string, request: PreparedRequest, response: SessionResponse): RequestURL => {
  const absolute = URL.parse?.(location, request.url) ?? tryURL(location, request.url);
  if (absolute === null) throw new RedirectError('the Location is not a URL', { response });
  if (absolute.protocol !== 'http:' && absolute.protocol !== 'https:') {
    throw new UnsafeRedirectError(`the redirect leads to the scheme ${absolute.protocol}`, { response });
  }
  // User information in a Location is the server's idea, not the caller's: it is never used.
  absolute.username = '';
  absolute.password = '';
  // RFC 9110 10.2.2: without a fragment of its own, the target inherits the one before.
  if (absolute.hash === '') absolute.hash = request.target.fragment;
  try {
    return parseRequestURL(absolute.href);
  } catch (cause) {
    throw new InvalidURLError('the Location is not a URL', { request, cause });
  }
};

const tryURL = (input: string, base: string): URL | null => {
  try {
    return new URL(input, base);
  } catch {
    return null; // URL.parse, which returns null, came with Node 22.1
  }
};

/** The headers that may go to a request's origin when its session binds them to others. */
export const plainHeadersOnly = (headers: HeaderList): HeaderList => headers.filter(crossesOrigin(new Set()));
