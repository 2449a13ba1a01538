import type { CookieJar as RealCookieJar } from '@httpsession/cookies';
import { UnsupportedOptionError } from '@httpsession/core';

const refuse = (): never => {
  throw new UnsupportedOptionError(
    'CookieJar',
    'browser',
    'the browser keeps the cookies; credentials says when they are sent',
  );
};

/** Stands where other platforms have the jar, so that the same imports work; refuses to be used. */
class BrowserCookieJar {
  static readonly fromJSON: () => never = refuse;
  static readonly fromNetscape: () => never = refuse;
  static readonly fromStorageState: () => never = refuse;
  static readonly fromTough: () => never = refuse;

  constructor() {
    refuse();
  }
}

/** The jar of other platforms. @throws {UnsupportedOptionError} in browsers */
export const CookieJar: typeof RealCookieJar = BrowserCookieJar as unknown as typeof RealCookieJar;
export type CookieJar = RealCookieJar;
