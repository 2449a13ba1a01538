import { readParameters, readQuotedString } from '../response/parameters.ts';
import { parseHttpDate } from './http-date.ts';

/** The one method of `Headers` that is needed here. */
export interface HeaderReader {
  get(name: string): string | null;
}

/**
 * How long the server asks to wait, in milliseconds from `now`; undefined when it does not ask or cannot be understood.
 *
 * Read in this order: `retry-after-ms`; `Retry-After` as seconds or an HTTP date (RFC 9110 10.2.3); then, where the limit
 * is used up, `RateLimit: "policy";r=0;t=30` and `RateLimit-Reset`, `X-RateLimit-Reset` or `X-Rate-Limit-Reset`, in
 * seconds or as a time since the epoch. What is malformed or negative counts as absent, fractions are
 * rounded up, a date in the past is 0, and no result exceeds `Number.MAX_SAFE_INTEGER`.
 *
 * @param now milliseconds since the epoch
 */
export const retryAfterMs = (headers: HeaderReader, now: number): number | undefined => {
  const wait =
    amount(headers.get('retry-after-ms')) ??
    retryAfter(headers.get('retry-after'), now) ??
    rateLimit(headers.get('ratelimit')) ??
    rateLimitReset(headers, now);
  return wait === undefined ? undefined : Math.min(Math.ceil(Math.max(wait, 0)), Number.MAX_SAFE_INTEGER);
};

/** A number without sign or exponent. RFC 9110 allows whole seconds only; some servers send fractions and mean them. */
const amount = (text: string | null | undefined): number | undefined =>
  text != null && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;

const seconds = (text: string | null | undefined): number | undefined => {
  const count = amount(text);
  return count === undefined ? undefined : count * 1000;
};

const retryAfter = (text: string | null, now: number): number | undefined => {
  if (text === null) return undefined;
  const date = parseHttpDate(text.trim(), now);
  return date === undefined ? seconds(text) : date - now;
};

/** The longest wait among the used-up policies of a `RateLimit` list (draft-ietf-httpapi-ratelimit-headers-08 ff). */
const rateLimit = (text: string | null): number | undefined => {
  let longest: number | undefined;
  for (let at = 0; text !== null && at < text.length; at += 1) {
    while (text[at] === ' ') at += 1;
    const name = text[at] === '"' ? readQuotedString(text, at).end : at;
    const { value, end } = readParameters(text, name, true);
    const policy = new Map(value);
    const wait = seconds(policy.get('t'));
    if (amount(policy.get('r')) === 0 && wait !== undefined) longest = Math.max(longest ?? 0, wait);
    at = end;
  }
  return longest;
};

const rateLimitReset = (headers: HeaderReader, now: number): number | undefined => {
  for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
    const reset = amount(headers.get(`${prefix}-reset`));
    if (reset === undefined || amount(headers.get(`${prefix}-remaining`)) !== 0) continue;
    // No limit runs for 30 years: from there on it is an instant, in seconds (GitHub) or in milliseconds.
    if (reset < 1e9) return reset * 1000;
    return (reset < 1e11 ? reset * 1000 : reset) - now;
  }
  return undefined;
};
