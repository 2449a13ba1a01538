import { knownOptions } from '@httpsession/core';
import type { CookieLimits } from './cookie-limits.ts';

/** How a jar behaves. */
export interface CookieJarOptions {
  /** URL for which `set(name, value)` sets when it is told neither `url` nor `domain`. */
  readonly url?: string | URL | undefined;
  /** What the jar holds and sends at most. */
  readonly limits?: Partial<CookieLimits> | undefined;
  /**
   * Treats plain http to `localhost`, 127.0.0.0/8 and `[::1]` as secure, as browsers do.
   * @defaultValue true
   */
  readonly secureOnLoopback?: boolean | undefined;
  /** Clock of the jar, in milliseconds since 1970. @defaultValue Date.now */
  readonly now?: (() => number) | undefined;
}

/** @throws {TypeError} naming an option that does not exist */
export const ownJarOptions = (given: CookieJarOptions): CookieJarOptions =>
  knownOptions('CookieJar', given, { url: true, limits: true, secureOnLoopback: true, now: true });
