import type { CallOptions } from '../options/call-options.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { Session } from './session.ts';

/** Options of `paginate()`: those of a call, and where the next page is. */
export interface PaginateOptions extends CallOptions {
  /** The URL of the page after this one, `null` after the last. @defaultValue the target of `Link: rel="next"` (RFC 8288) */
  readonly next?: (
    response: SessionResponse,
  ) => string | URL | null | undefined | Promise<string | URL | null | undefined>;
  /** Stop after so many pages. @defaultValue 1000 */
  readonly maxPages?: number;
}

/**
 * Yields page after page. Raises `HTTPError` on 4xx and 5xx: there is no next page behind an error.
 *
 * A page that names itself or an earlier page as its next one ends the walk.
 */
export async function* paginate(
  session: Session,
  url: string | URL,
  { next = nextLink, maxPages = 1000, ...options }: PaginateOptions = {},
): AsyncGenerator<SessionResponse, void, undefined> {
  if (!(maxPages > 0)) throw new TypeError(`maxPages must be above 0, got ${maxPages}`);
  const seen = new Set<string>();
  let following: string | URL | null | undefined = url;
  let call: CallOptions = options;
  for (let pages = 0; following != null && pages < maxPages; pages += 1) {
    const response: SessionResponse = (await session.get(following, call)).raiseForStatus();
    seen.add(response.url);
    const found: string | URL | null | undefined = await next(response);
    yield response;
    const target: string | null = found == null ? null : new URL(found, response.url).href;
    if (target === null || seen.has(target)) return;
    following = target;
    // The next page's URL brings its own parameters.
    const { params: _, ...rest } = options;
    call = rest;
  }
}

const nextLink = (response: SessionResponse): string | undefined => response.links.next?.url;
