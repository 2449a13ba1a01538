import { RedirectError, UnsafeRedirectError } from '../errors.ts';
import { raised } from '../hooks/run-hooks.ts';
import type { CallOptions } from '../options/call-options.ts';
import { isPlainHeader } from '../redirect/credential-filter.ts';
import { HeaderList } from '../request/header-list.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { Session } from './session.ts';
import { originOf } from './session-origins.ts';

/** Options of `paginate()`: those of a call, and where the next page is. */
export interface PaginateOptions extends CallOptions {
  /** The URL of the page after this one, `null` after the last. @defaultValue the target of `Link: rel="next"` (RFC 8288) */
  readonly next?: ((response: SessionResponse) => NextPage | Promise<NextPage>) | undefined;
  /** Stop after so many pages. @defaultValue 1000 */
  readonly maxPages?: number | undefined;
}

type NextPage = string | URL | null | undefined;

/**
 * Yields page after page. Raises `HTTPError` on 4xx and 5xx: there is no next page behind an error.
 *
 * A page that names itself or an earlier page as its next one ends the walk. The server chooses the next URL, so it is treated as a
 * redirect is: at another origin the credentials of session and call stay home, and from https it does not lead down to http.
 */
export async function* paginate(
  session: Session,
  boundOrigins: ReadonlySet<string> | null,
  url: string | URL,
  { next = nextLink, maxPages = 1000, ...options }: PaginateOptions = {},
): AsyncGenerator<SessionResponse, void, undefined> {
  if (typeof next !== 'function')
    throw new TypeError(`paginate: next must be a function, got ${typeof next}`);
  if (!(maxPages === Number.POSITIVE_INFINITY || (Number.isInteger(maxPages) && maxPages > 0)))
    throw new TypeError(`paginate: maxPages must be a whole number above 0, got ${maxPages}`);
  const seen = new Set<string>();
  let response = await session.get(url, options);
  const home = response.history[0]?.request.origin ?? response.request.origin;
  let strayed = false;
  for (let pages = 1; ; pages += 1) {
    raised(response);
    seen.add(response.url);
    const found = await nextOf(response, next);
    yield response;
    if (found === null || found === undefined || pages === maxPages) return;
    const target = targetOf(found, response);
    if (seen.has(target.href)) return;
    const origin = originOf(target);
    // What stayed home once does not come back: the page that leads home again is somebody else's.
    strayed ||= origin !== home || response.request.origin !== home;
    const known = origin === home || boundOrigins?.has(origin) === true;
    response = await session.get(
      target,
      optionsForPage(session, target, options, known ? (strayed ? 'session' : 'call') : 'none'),
    );
  }
}

const nextOf = async (
  response: SessionResponse,
  next: NonNullable<PaginateOptions['next']>,
): Promise<NextPage> => {
  try {
    return await next(response);
  } catch (error) {
    // Nobody has got it.
    response.abandon(error);
    throw error;
  }
};

/** As a redirect's: no user information, never down to http, no scheme but http(s) and the one that is used already. */
const targetOf = (found: string | URL, response: SessionResponse): URL => {
  if (!URL.canParse(found, response.url)) throw new RedirectError('the next page is not a URL', { response });
  const target = new URL(found, response.url);
  target.hash = '';
  target.username = '';
  target.password = '';
  const { protocol } = response.request.target;
  if (target.protocol === 'http:' && protocol === 'https:')
    throw new UnsafeRedirectError('the next page leads from https down to http', { response });
  if (target.protocol !== protocol && target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new UnsafeRedirectError(`the next page leads to the scheme ${target.protocol}`, { response });
  return target;
};

const nextLink = (response: SessionResponse): string | undefined => response.links.next?.url;

/** The call options for a page that the server named. It brings its own parameters; those of the session fill the gaps at home only. */
const optionsForPage = (
  session: Session,
  target: URL,
  { params: _, headers, auth, cookies, ...rest }: CallOptions,
  trust: 'call' | 'session' | 'none',
): CallOptions => {
  const own = [...target.searchParams.keys()].map((name) => [name, null] as const);
  if (trust === 'call') return { ...rest, headers, auth, cookies, params: own };
  const plain = HeaderList.from(headers).filter(isPlainHeader).toPairs();
  if (trust === 'session') return { ...rest, headers: plain, params: own };
  const removed = [...session.headers.keys()]
    .filter((name) => !isPlainHeader(name))
    .map((name) => [name, null] as const);
  return { ...rest, headers: [...plain, ...removed], params: null, auth: null };
};
