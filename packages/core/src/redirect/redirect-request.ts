import { RedirectError, UnreplayableBodyError, UnsafeRedirectError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { parseRequestURL, type RequestURL } from '../request/request-url.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { crossesOrigin } from './credential-filter.ts';

/** Whether a response is one of the five redirects that are followed, with a Location. */
export const isRedirect = (response: SessionResponse): boolean =>
  redirectStatuses.has(response.status) && response.headers.has('location');

/**
 * The request that a redirect asks for, or `null` when the response is none. Pure.
 *
 * `request` is the pristine one, without what cookies and auth added to it for this hop.
 * @throws {UnsafeRedirectError} for a target that is not http(s), a step from https down to http, a body that may not cross origins
 * @throws {RedirectError} for a Location that is no URL, or several that differ
 * @throws {UnreplayableBodyError} when the body must go along and cannot
 */
export const redirectRequest = (
  request: PreparedRequest,
  response: SessionResponse,
): PreparedRequest | null => {
  if (!redirectStatuses.has(response.status)) return null;
  const location = locationOf(response);
  if (location === null) return null;
  const { redirect } = request.options;
  const target = targetOf(location, request, response);
  const crossOrigin = target.origin !== request.origin;
  const downgrade = request.target.protocol === 'https:' && target.protocol === 'http:';
  if (downgrade && !redirect.allowDowngrade)
    throw new UnsafeRedirectError('the redirect leads from https down to http', { response });
  const method = methodAfter(request.method, response.status, redirect.methods);
  let { headers, body } = request;
  // RFC 9110 15.4: what became a GET has no content, and nothing may describe it.
  if (method !== request.method) {
    body = null;
    headers = headers.filter(describesNoContent);
  }
  if (crossOrigin) {
    // Nothing secret travels in clear text, not even what was named.
    headers = headers.filter(crossesOrigin(downgrade ? noHeaders : redirect.forwardHeaders));
    const removed = request.options.retry.redirects?.removeHeaders;
    if (removed !== undefined) headers = headers.filter((name) => !removed.has(name));
    // A Host header was meant for the first server (RFC 9110 7.2).
    headers = headers.with('host', null);
  }
  if (body !== null) {
    if (crossOrigin && !redirect.crossOriginBody)
      throw new UnsafeRedirectError('the redirect would carry the body to another origin', { response });
    if (!body.replayable) {
      throw new UnreplayableBodyError(
        `a ${response.status} wants the body again, and it was a one-shot stream`,
        { request },
      );
    }
  }
  return request.with({ method, target, headers, body });
};

const noHeaders: ReadonlySet<string> = new Set();

/** The Location, `null` when there is none or an empty one: requests and browsers agree that it leads nowhere. */
const locationOf = (response: SessionResponse): string | null => {
  const [first = '', ...others] = response.headers.getAll('location');
  if (others.some((other) => other !== first)) {
    // Browsers refuse this too: it is how an injected header looks.
    throw new RedirectError('there are several Location headers, and they differ', { response });
  }
  const location = first.trim();
  return location === '' ? null : location;
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
  const text = asUtf8(location);
  if (!URL.canParse(text, request.url)) throw new RedirectError('the Location is not a URL', { response });
  const absolute = new URL(text, request.url);
  if (absolute.protocol !== 'http:' && absolute.protocol !== 'https:')
    throw new UnsafeRedirectError(`the redirect leads to the scheme ${absolute.protocol}`, { response });
  // User information in a Location is the server's idea, not the caller's: it is never used.
  absolute.username = '';
  absolute.password = '';
  // RFC 9110 10.2.2: without a fragment of its own, the target inherits the one before.
  if (!text.includes('#')) absolute.hash = request.target.fragment;
  return parseRequestURL(absolute.href);
};

// Header values come as one character per octet. Servers that leave out percent-encoding mean UTF-8, as browsers read it.
const asUtf8 = (location: string): string => {
  if (!/[\x80-\xff]/.test(location) || /[\u0100-\uffff]/.test(location)) return location;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(location, (octet) => octet.charCodeAt(0)),
    );
  } catch {
    return location; // not UTF-8: Latin-1, as it was before (RFC 7231)
  }
};
