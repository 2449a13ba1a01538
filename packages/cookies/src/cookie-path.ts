/** Default path of a cookie set by a response for this URL path (RFC 6265bis 5.1.4). */
export function defaultPath(requestPath: string): string {
  const slash = requestPath.lastIndexOf('/');
  return slash <= 0 ? '/' : requestPath.slice(0, slash);
}

/**
 * Tells whether a request path falls under a cookie path, segment by segment (RFC 6265bis 5.1.4).
 * Percent signs are compared as they stand: decoding would let `/a%2Fb` pass for `/a/b`.
 */
export function pathMatches(requestPath: string, cookiePath: string): boolean {
  if (cookiePath === '/') return true;
  if (!requestPath.startsWith(cookiePath)) return false;
  return (
    requestPath.length === cookiePath.length ||
    cookiePath.charCodeAt(cookiePath.length - 1) === SLASH ||
    requestPath.charCodeAt(cookiePath.length) === SLASH
  );
}

const SLASH = 0x2f;
