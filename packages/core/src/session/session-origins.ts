import { kindOf } from '../kind-of.ts';

/**
 * The origins that a session's credentials and default headers are bound to; `null` for each direct call's own.
 * @throws {TypeError} for anything but a list of origins
 */
export const readOrigins = (
  baseUrl: URL | null,
  origins: readonly string[] | null | undefined,
): ReadonlySet<string> | null => {
  if (origins === undefined || origins === null)
    return baseUrl === null ? null : new Set([originOf(baseUrl)]);
  if (!Array.isArray(origins))
    throw new TypeError(`origins must be a list of origins, got ${kindOf(origins)}`);
  const bound = new Set<string>(baseUrl === null ? [] : [originOf(baseUrl)]);
  for (const origin of origins as readonly unknown[]) {
    const url = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : null;
    // With a path it would look as if the path counted.
    if (url === null || url.username !== '' || url.search !== '' || url.hash !== '' || !isBare(url.pathname))
      throw new TypeError(`origins must hold origins such as 'https://api.example.com'`);
    bound.add(originOf(url));
  }
  return bound;
};

/** Whether what a session holds may go to an origin: anywhere, where it is bound to none. */
export const isBoundTo = (origins: ReadonlySet<string> | null, origin: string): boolean =>
  origins === null || origins.has(origin);

const isBare = (path: string): boolean => path === '' || path === '/';

/** The origin of a URL, custom schemes included: their `URL.origin` is `'null'`. */
export const originOf = (url: URL): string =>
  url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
