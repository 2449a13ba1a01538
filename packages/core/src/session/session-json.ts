import { kindOf } from '../kind-of.ts';
import { isPlainHeader } from '../redirect/credential-filter.ts';
import type { SessionDefaults } from './prepare.ts';

/** A session on paper: what `Session.fromJSON` takes. */
export interface SessionJSON {
  readonly version: 1;
  readonly baseUrl?: string;
  /** `null` for a header that was removed, of those that a platform adds. */
  readonly headers: readonly (readonly [name: string, value: string | null])[];
  readonly params: readonly (readonly [name: string, value: string])[];
  readonly cookies?: unknown;
}

/** Options of `session.toJSON()`. */
export interface SessionJSONOptions {
  /** Keep headers that may be credentials (`Authorization`, `X-API-Key`, ...). @defaultValue false */
  readonly credentials?: boolean;
}

/** What a log may show of a session. */
export interface SessionLine {
  /** The platform's name. */
  readonly session: string;
  readonly baseUrl: string | null;
  readonly closed: boolean;
}

/** Cookies are session state and kept; headers that may be credentials only when asked for; `auth` never: it holds functions. */
export const sessionToJSON = (
  session: SessionDefaults & { readonly headers: { toInit(): [string, string | null][] } },
  { credentials = false }: SessionJSONOptions,
): SessionJSON => ({
  version: 1,
  ...(session.baseUrl && { baseUrl: credentials ? session.baseUrl.href : withoutUserinfo(session.baseUrl) }),
  headers: session.headers
    .toInit()
    .filter(([name, value]) => credentials || value === null || isPlainHeader(name.toLowerCase())),
  params: [...session.params],
  ...(session.jar && { cookies: session.jar.toJSON() }),
});

/** @throws {TypeError} naming what is wrong */
export const readSessionJSON = (json: unknown): SessionJSON => {
  const value = typeof json === 'string' ? parsed(json) : json;
  if (typeof value !== 'object' || value === null || (value as SessionJSON).version !== 1) {
    throw new TypeError('fromJSON: json must be what session.toJSON() made, version 1');
  }
  const { baseUrl, headers, params, cookies } = { __proto__: null, ...value } as unknown as SessionJSON;
  if (!isPairs(headers, (value) => value === null || isText(value)) || !isPairs(params, isText))
    throw new TypeError('fromJSON: headers and params must be lists of [name, value] pairs');
  if (baseUrl !== undefined && typeof baseUrl !== 'string')
    throw new TypeError(`fromJSON: baseUrl must be a string, got ${kindOf(baseUrl)}`);
  return {
    version: 1,
    ...(baseUrl !== undefined && { baseUrl }),
    headers,
    params,
    ...(cookies !== undefined && { cookies }),
  };
};

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's own message quotes the text, cookies and all.
    throw new TypeError('fromJSON: json is not JSON');
  }
};

const withoutUserinfo = (url: URL): string => {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
};

const isText = (value: unknown): boolean => typeof value === 'string';

const isPairs = (pairs: unknown, isValue: (value: unknown) => boolean): boolean =>
  Array.isArray(pairs) &&
  pairs.every((pair) => Array.isArray(pair) && pair.length === 2 && isText(pair[0]) && isValue(pair[1]));
