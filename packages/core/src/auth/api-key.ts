import { knownOptions } from '../options/known-options.ts';
import type { Auth } from './auth.ts';

/** Options of {@link apiKey}. */
export interface ApiKeyOptions {
  /**
   * Where the key travels. A query parameter ends up in server logs: use it only where the API has nothing else.
   * @defaultValue 'header'
   */
  readonly in?: 'header' | 'query';
}

/**
 * An API key in a header of its own, such as `X-API-Key`, or in a query parameter.
 *
 * Unlike a plain session header it is bound to its origin as every credential is.
 *
 * @throws {TypeError} when name or value cannot stand in a header
 */
export function apiKey(name: string, value: string, options: ApiKeyOptions = {}): Auth {
  const { in: place = 'header' } = knownOptions('apiKey', options, { in: true });
  if (typeof name !== 'string' || name === '') throw new TypeError('apiKey name must be a non-empty string');
  if (typeof value !== 'string' || value === '')
    throw new TypeError('apiKey value must be a non-empty string');
  if (place === 'query') return { sign: (request) => request.withUrl(withParam(request.url, name, value)) };
  if (place !== 'header') throw new TypeError(`apiKey in must be header or query, got ${String(place)}`);
  // RFC 9110 5.6.2 token; 5.5 field value, where outer whitespace would be lost on the way.
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) throw new TypeError('apiKey name must be a valid header name');
  if (!/^[!-~\u00a0-\u00ff](?:[\t -~\u00a0-\u00ff]*[!-~\u00a0-\u00ff])?$/.test(value)) {
    throw new TypeError('apiKey value must be a valid header value without outer whitespace');
  }
  return { sign: (request) => request.withHeader(name, value) };
}

// Not URLSearchParams.set: it would rewrite the caller's other parameters (`%20` to `+`, `a` to `a=`).
function withParam(href: string, name: string, value: string): string {
  const url = new URL(href);
  const others = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !new URLSearchParams(pair).has(name));
  url.search = [...others, new URLSearchParams([[name, value]])].join('&');
  return url.href;
}
