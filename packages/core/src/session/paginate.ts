import { RedirectError, UnsafeRedirectError } from '../errors.ts';
import { raised } from '../hooks/run-hooks.ts';
import { onDemand } from '../on-demand.ts';
import type { CallOptions } from '../options/call-options.ts';
import { isPlainHeader } from '../redirect/credential-filter.ts';
import { HeaderList } from '../request/header-list.ts';
import { readWith } from '../response/load-readers.ts';
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

/** Where the next page is, if there is one. */
export type NextPage = string | URL | null | undefined;

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
  const first = raised(await session.get(url, options));
  const start = { raised, originOf, isPlainHeader, HeaderList, RedirectError, UnsafeRedirectError };
  yield* readWith(loadWalk, first, ({ walkPages }) =>
    walkPages(first, { session, boundOrigins, next, maxPages, options, ...start }),
  );
}

const nextLink = (response: SessionResponse): string | undefined => response.links.next?.url;

const loadWalk = /* @__PURE__ */ onDemand(() => import('./walk-pages.ts'));
