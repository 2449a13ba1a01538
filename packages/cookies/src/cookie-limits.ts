import { knownOptions } from '@httpsession/core';

/** How much a jar holds, takes and sends. `Infinity` lifts a limit. */
export interface CookieLimits {
  /**
   * Cookies of one domain value; beyond it insecure and long unused ones leave first (RFC 6265bis 5.7).
   * @defaultValue 180
   */
  readonly perHost: number;
  /**
   * Cookies of the whole jar.
   * @defaultValue 3000
   */
  readonly total: number;
  /**
   * `Set-Cookie` fields taken from one response.
   * @defaultValue 50
   */
  readonly perResponse: number;
  /**
   * Octets of one `Cookie` value; servers commonly refuse more.
   * @defaultValue 8190
   */
  readonly headerBytes: number;
  /**
   * Cookies in one `Cookie` value.
   * @defaultValue 150
   */
  readonly headerCookies: number;
}

/** The limits of a jar that was told nothing else. */
export const defaultLimits: CookieLimits = Object.freeze({
  perHost: 180,
  total: 3000,
  perResponse: 50,
  headerBytes: 8190,
  headerCookies: 150,
});

/**
 * Completes and checks limits.
 * @throws {TypeError} when one is not a whole number of 1 or more, or `Infinity`
 */
export function resolveLimits(given: Partial<CookieLimits> = {}): CookieLimits {
  const own = knownOptions('limits', given, defaultLimits);
  return Object.freeze({
    perHost: limit('perHost', own.perHost),
    total: limit('total', own.total),
    perResponse: limit('perResponse', own.perResponse),
    headerBytes: limit('headerBytes', own.headerBytes),
    headerCookies: limit('headerCookies', own.headerCookies),
  });
}

function limit(name: keyof CookieLimits, value: number | undefined): number {
  if (value === undefined) return defaultLimits[name];
  if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1)) return value;
  throw new TypeError(`limits.${name} must be a whole number of 1 or more or Infinity, got ${String(value)}`);
}

/** RFC 6265bis 5.6: octets of name and value together. */
export const MAX_PAIR_BYTES = 4096;

/** RFC 6265bis 5.6: octets of one attribute value. */
export const MAX_ATTRIBUTE_BYTES = 1024;

/** RFC 6265bis 5.5: no cookie outlives 400 days, in milliseconds. */
export const MAX_LIFETIME: number = 400 * 24 * 60 * 60 * 1000;
