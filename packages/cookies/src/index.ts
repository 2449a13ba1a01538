export type { CookieCause, CookieChange, CookieChangeListener } from './cookie-change.ts';
export { CookieJar, type CookieJarOptions } from './cookie-jar.ts';
export { type CookieLimits, defaultLimits } from './cookie-limits.ts';
export type { CookieFilter, CookieLookup, CookieRecord, SameSite } from './cookie-record.ts';
export type { CookieDraft } from './imported-cookie.ts';
export { InvalidCookieError } from './invalid-cookie.ts';
export type { CookieJarJSON, CookieJSON } from './json-format.ts';
export { type CookieInit, checkCookiePair } from './set-cookie-options.ts';
export type { StorageState, StorageStateCookie } from './storage-state.ts';
