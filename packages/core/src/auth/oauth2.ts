import { knownOptions } from '../options/known-options.ts';
import type { Auth } from './auth.ts';
import {
  type OAuth2Client,
  type OAuth2Tokens,
  requestTokens,
  type TokenFetch,
} from './oauth2-token-request.ts';
import { type RefreshingOptions, refreshing } from './refreshing.ts';

/** What both grants of {@link oauth2} share. */
export interface OAuth2ClientOptions
  extends Pick<RefreshingOptions, 'token' | 'isExpired' | 'skew' | 'timeout' | 'lock' | 'lockName'> {
  /** The token endpoint. Must be https, except on this machine. */
  readonly tokenUrl: string | URL;
  readonly clientId: string;
  /** Left out for public clients, which a refresh token is all of. */
  readonly clientSecret?: string;
  /**
   * How the client shows its secret: `Authorization: Basic`, or `client_id` and `client_secret` in the body.
   * @defaultValue 'basic'
   */
  readonly clientAuth?: 'basic' | 'post';
  /** Scopes, separated by spaces. */
  readonly scope?: string;
  readonly audience?: string;
  /** Other parameters of the token request, such as `resource` (RFC 8707). */
  readonly params?: Readonly<Record<string, string>>;
  /** Called with every answer of the token endpoint before it is used: the place to store a rotated refresh token. */
  readonly onTokens?: (tokens: OAuth2Tokens) => void | Promise<void>;
  /**
   * Sends the token request. Not through the session itself, whose own credential this is.
   * @defaultValue globalThis.fetch
   */
  readonly fetch?: TokenFetch;
}

/** The client credentials grant (RFC 6749 4.4): the program acts for itself. */
export interface ClientCredentialsOptions extends OAuth2ClientOptions {
  readonly clientCredentials: true;
  readonly clientSecret: string;
  readonly refreshToken?: never;
}

/** The refresh token grant (RFC 6749 6): the program acts for a user who has signed in before. */
export interface RefreshTokenOptions extends OAuth2ClientOptions {
  /** The refresh token, replaced by each new one; or a function that reads what {@link onTokens} has stored. */
  readonly refreshToken: string | (() => string | Promise<string>);
  readonly clientCredentials?: never;
}

/** Options of {@link oauth2}: exactly one of `clientCredentials` and `refreshToken`. */
export type OAuth2Options = ClientCredentialsOptions | RefreshTokenOptions;

const optionNames = {
  tokenUrl: true,
  clientId: true,
  clientSecret: true,
  clientAuth: true,
  clientCredentials: true,
  refreshToken: true,
  scope: true,
  audience: true,
  params: true,
  onTokens: true,
  fetch: true,
  token: true,
  isExpired: true,
  skew: true,
  timeout: true,
  lock: true,
  lockName: true,
} as const;

/**
 * OAuth 2 access tokens, fetched when needed and refreshed once for all requests that wait.
 *
 * A refusal of the token endpoint fails the call with `OAuth2Error`.
 *
 * @throws {TypeError} for a missing grant or client, or a token endpoint without TLS
 */
export const oauth2 = (given: OAuth2Options): Auth => {
  const options = knownOptions('oauth2', given, optionNames);
  const { clientCredentials, refreshToken, scope, audience, params, onTokens, fetch } = options;
  if ((clientCredentials === true) === (refreshToken !== undefined)) {
    throw new TypeError('oauth2 must have exactly one of clientCredentials: true and refreshToken');
  }
  const client = readClient(options);
  let rotated = typeof refreshToken === 'string' ? refreshToken : null;

  const grant = async (): Promise<Record<string, string>> => {
    if (refreshToken === undefined) return { grant_type: 'client_credentials' };
    const current = typeof refreshToken === 'function' ? await refreshToken() : rotated;
    return { grant_type: 'refresh_token', refresh_token: text('refreshToken', current) };
  };

  return refreshing({
    ...pickRefreshing(options),
    async refresh({ signal }) {
      const form = new URLSearchParams({ ...params, ...(await grant()) });
      if (scope !== undefined) form.set('scope', scope);
      if (audience !== undefined) form.set('audience', audience);
      const tokens = await requestTokens(client, form, fetch ?? globalFetch, signal);
      // Kept before anything can fail: the old one is void from now on (RFC 6749 6).
      if (rotated !== null) rotated = tokens.refreshToken ?? rotated;
      await onTokens?.(tokens);
      return { token: tokens.accessToken, expiresAt: tokens.expiresAt ?? undefined };
    },
  });
};

const globalFetch: TokenFetch = (url, init) => globalThis.fetch(url, init);

const pickRefreshing = ({
  token,
  isExpired,
  skew,
  timeout,
  lock,
  lockName,
}: OAuth2Options): Partial<RefreshingOptions> => ({
  ...(token !== undefined && { token }),
  ...(isExpired !== undefined && { isExpired }),
  ...(skew !== undefined && { skew }),
  ...(timeout !== undefined && { timeout }),
  ...(lock !== undefined && { lock }),
  ...(lockName !== undefined && { lockName }),
});

const readClient = (options: OAuth2Options): OAuth2Client => {
  const { clientSecret, clientAuth = 'basic', clientCredentials, refreshToken, onTokens, fetch } = options;
  if (clientAuth !== 'basic' && clientAuth !== 'post') {
    throw new TypeError(`oauth2 clientAuth must be basic or post, got ${String(clientAuth)}`);
  }
  if (typeof refreshToken !== 'function' && refreshToken !== undefined) text('refreshToken', refreshToken);
  if (clientCredentials || clientSecret !== undefined) text('clientSecret', clientSecret);
  for (const [name, value] of Object.entries({ onTokens, fetch })) {
    if (value !== undefined && typeof value !== 'function') {
      throw new TypeError(`oauth2 ${name} must be a function, got ${typeof value}`);
    }
  }
  return {
    tokenUrl: checkTokenUrl(options.tokenUrl),
    id: text('clientId', options.clientId),
    secret: clientSecret ?? null,
    auth: clientAuth,
  };
};

const text = (name: string, value: unknown): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`oauth2 ${name} must be a non-empty string, got ${typeof value}`);
};

const checkTokenUrl = (value: string | URL): string => {
  const href = String(value);
  if (!URL.canParse(href)) throw new TypeError('oauth2 tokenUrl must be an absolute URL');
  const url = new URL(href);
  // RFC 6749 3.2: no fragment, TLS. Userinfo would be a second client secret.
  if (url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new TypeError('oauth2 tokenUrl must have neither a fragment nor user information');
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return url.href;
  throw new TypeError(`oauth2 tokenUrl must be https, got ${url.protocol}//${url.host}`);
};

// RFC 6761 6.3, RFC 8252 8.3. WHATWG URL has normalized the numbers.
const LOOPBACK = /^(?:(?:[^.]+\.)*localhost\.?|127\.\d+\.\d+\.\d+|\[::1\])$/;
