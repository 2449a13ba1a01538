import { knownOptions } from '../options/known-options.ts';
import type { Auth, AuthRequest, AuthResponse } from './auth.ts';
import { bearerAuthorization } from './bearer.ts';
import {
  type AccessToken,
  type AccessTokenInit,
  type Lock,
  type RefreshContext,
  SharedToken,
  toAccessToken,
} from './shared-token.ts';

/** Options of {@link refreshing}. */
export interface RefreshingOptions {
  /**
   * The first token, or a function that reads it from where it is stored. The function is asked again before each
   * refresh, so that a token which another process or tab has put there is used instead.
   * @defaultValue none: the first request refreshes
   */
  readonly token?: AccessTokenInit | null | (() => AccessTokenInit | null | Promise<AccessTokenInit | null>);
  /** Gets a new token. It runs once however many requests wait; its failure fails them all with one `AuthError`. */
  readonly refresh: (context: RefreshContext) => AccessTokenInit | Promise<AccessTokenInit>;
  /**
   * Whether a response says that the token has expired.
   * @defaultValue status 401
   */
  readonly isExpired?: (response: AuthResponse) => boolean;
  /**
   * Puts the token on a request.
   * @defaultValue `Authorization: Bearer`
   */
  readonly attach?: (request: AuthRequest, token: string) => AuthRequest;
  /**
   * How long before its `expiresAt` a token is refreshed, in milliseconds; at most half of its life.
   * @defaultValue 10_000
   */
  readonly skew?: number;
  /**
   * The longest a refresh may take before all that wait for it fail, in milliseconds. `Infinity` is no limit.
   * @defaultValue 30_000
   */
  readonly timeout?: number;
  /** Keeps other tabs or processes from refreshing meanwhile, such as `(name, run) => navigator.locks.request(name, run)`. */
  readonly lock?: Lock;
  /** @defaultValue 'httpsession-refresh' */
  readonly lockName?: string;
}

const optionNames = {
  token: true,
  refresh: true,
  isExpired: true,
  attach: true,
  skew: true,
  timeout: true,
  lock: true,
  lockName: true,
} as const;

/**
 * Bearer tokens that expire: a refused or expired token is refreshed once for all requests, which are then sent again.
 *
 * A refused request gets at most one refresh, and one newer token beside it that others had fetched meanwhile. Requests
 * that were under way when a refresh failed fail with its error; later ones try again.
 *
 * @throws {TypeError} for a missing `refresh` or limits that are no durations
 */
export const refreshing = (given: RefreshingOptions): Auth => {
  const options = knownOptions('refreshing', given, optionNames);
  const { token = null, refresh, isExpired = isUnauthorized, attach = attachBearer } = options;
  const { skew = 10_000, timeout = 30_000, lock, lockName = 'httpsession-refresh' } = options;
  if (typeof refresh !== 'function') {
    throw new TypeError(`refreshing refresh must be a function, got ${typeof refresh}`);
  }
  checkDuration('skew', skew);
  checkDuration('timeout', timeout);
  const shared = new SharedToken(
    {
      load: typeof token === 'function' ? token : () => null,
      refresh,
      exclusive: async (run) => (lock ? lock(lockName, run) : run()),
      skew,
      timeout,
    },
    token === null || typeof token === 'function' ? null : toAccessToken(token, 'token'),
  );

  return {
    async *flow(request) {
      const failed = shared.failure;
      let used = shared.fresh ?? (await shared.renew(request.signal));
      let refreshes = 0;
      for (let sends = 1; ; sends += 1) {
        const response = yield attach(request, used.token);
        if (sends > MAX_RESENDS || !isExpired(response)) return;
        const { current, failure } = shared;
        if (current !== null && current !== used) {
          used = current;
          continue;
        }
        if (refreshes > 0) return;
        // 200 refusals do not arrive in one instant: the later ones must not try what has just failed.
        if (failure !== null && failure !== failed) throw failure.error;
        refreshes += 1;
        used = await shared.renew(request.signal);
      }
    },
  };
};

const MAX_RESENDS = 2;

const isUnauthorized = (response: AuthResponse): boolean => response.status === 401;

const attachBearer = (request: AuthRequest, token: AccessToken['token']): AuthRequest =>
  request.withHeader('authorization', bearerAuthorization(token));

const checkDuration = (name: string, value: unknown): void => {
  if (typeof value === 'number' && value >= 0) return;
  throw new TypeError(`refreshing ${name} must be 0 or more milliseconds, got ${String(value)}`);
};
