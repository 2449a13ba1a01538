import type { RedirectError, UnsafeRedirectError } from '../errors.ts';
import type { raised } from '../hooks/run-hooks.ts';
import type { CallOptions } from '../options/call-options.ts';
import type { isPlainHeader } from '../redirect/credential-filter.ts';
import type { HeaderList } from '../request/header-list.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { NextPage, PaginateOptions } from './paginate.ts';
import type { Session } from './session.ts';
import type { originOf } from './session-origins.ts';

/** What a walk from page to page is made for, and what it has of the start of the program: see `onDemand`. */
export interface Walk {
  readonly session: Session;
  readonly boundOrigins: ReadonlySet<string> | null;
  readonly next: NonNullable<PaginateOptions['next']>;
  readonly maxPages: number;
  readonly options: CallOptions;
  readonly raised: typeof raised;
  readonly originOf: typeof originOf;
  readonly isPlainHeader: typeof isPlainHeader;
  readonly HeaderList: typeof HeaderList;
  readonly RedirectError: typeof RedirectError;
  readonly UnsafeRedirectError: typeof UnsafeRedirectError;
}

/** The pages from the first on. */
export async function* walkPages(
  first: SessionResponse,
  walk: Walk,
): AsyncGenerator<SessionResponse, void, undefined> {
  const { session, boundOrigins, maxPages } = walk;
  const seen = new Set<string>();
  let response = first;
  const home = response.history[0]?.request.origin ?? response.request.origin;
  let strayed = false;
  for (let pages = 1; ; pages += 1) {
    seen.add(response.url);
    const found = await nextOf(response, walk.next);
    yield response;
    if (found === null || found === undefined || pages === maxPages) return;
    const target = targetOf(found, response, walk);
    if (seen.has(target.href)) return;
    const origin = walk.originOf(target);
    // What stayed home once does not come back: the page that leads home again is somebody else's.
    strayed ||= origin !== home || response.request.origin !== home;
    const known = origin === home || boundOrigins?.has(origin) === true;
    const trust = known ? (strayed ? 'session' : 'call') : 'none';
    response = walk.raised(await session.get(target, optionsForPage(target, walk, trust)));
  }
}

const nextOf = async (response: SessionResponse, next: Walk['next']): Promise<NextPage> => {
  try {
    return await next(response);
  } catch (error) {
    // Nobody has got it.
    response.abandon(error);
    throw error;
  }
};

/** As a redirect's: no user information, never down to http, no scheme but http(s) and the one that is used already. */
const targetOf = (
  found: string | URL,
  response: SessionResponse,
  { RedirectError, UnsafeRedirectError }: Walk,
): URL => {
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

/** The call options for a page that the server named. It brings its own parameters; those of the session fill the gaps at home only. */
const optionsForPage = (
  target: URL,
  { session, options, HeaderList, isPlainHeader }: Walk,
  trust: 'call' | 'session' | 'none',
): CallOptions => {
  const { params: _, headers, auth, cookies, ...rest } = options;
  const own = [...target.searchParams.keys()].map((name) => [name, null] as const);
  if (trust === 'call') return { ...rest, headers, auth, cookies, params: own };
  const plain = HeaderList.from(headers).filter(isPlainHeader).toPairs();
  if (trust === 'session') return { ...rest, headers: plain, params: own };
  const removed = [...session.headers.keys()]
    .filter((name) => !isPlainHeader(name))
    .map((name) => [name, null] as const);
  return { ...rest, headers: [...plain, ...removed], params: null, auth: null };
};
