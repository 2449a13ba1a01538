import type { CookieRecord } from './cookie-record.ts';

const PREFIX = /^__(?:host-http|host|secure|http)-/i;

interface PrefixRule {
  readonly httpOnly: boolean;
  readonly hostBound: boolean;
}

// RFC 6265bis 4.1.3 and draft-ietf-httpbis-layered-cookies (the two Http prefixes).
const RULES: ReadonlyMap<string, PrefixRule> = new Map([
  ['__secure-', { httpOnly: false, hostBound: false }],
  ['__host-', { httpOnly: false, hostBound: true }],
  ['__http-', { httpOnly: true, hostBound: false }],
  ['__host-http-', { httpOnly: true, hostBound: true }],
]);

/**
 * Says which rule of its name prefix a cookie breaks, `undefined` when none. Letter case does not matter.
 * @param explicitPath - whether the path was stated, as `__Host-` demands
 */
export function brokenPrefixRule(cookie: CookieRecord, explicitPath: boolean): string | undefined {
  const { name } = cookie;
  // A nameless cookie is sent as its bare value, so its value could pose as a prefixed pair.
  if (name === '')
    return PREFIX.test(cookie.value) ? 'has no name and a value that poses as a prefix' : undefined;
  if (name.charCodeAt(0) !== UNDERSCORE || name.charCodeAt(1) !== UNDERSCORE) return undefined;
  const prefix = PREFIX.exec(name)?.[0].toLowerCase();
  const rule = prefix === undefined ? undefined : RULES.get(prefix);
  if (rule === undefined) return undefined;
  if (!cookie.secure) return `has the prefix ${prefix} without Secure`;
  if (rule.httpOnly && !cookie.httpOnly) return `has the prefix ${prefix} without HttpOnly`;
  if (!rule.hostBound) return undefined;
  if (!cookie.hostOnly) return `has the prefix ${prefix} with a Domain`;
  if (!explicitPath || cookie.path !== '/') return `has the prefix ${prefix} without Path=/`;
  return undefined;
}

const UNDERSCORE = 0x5f;
