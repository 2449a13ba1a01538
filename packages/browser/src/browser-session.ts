import { type CallOptions, type ResponsePromise, Session, type SessionOptions } from '@httpsession/core';
import { browserPlatform } from './browser-platform.ts';

/**
 * A session in a browser.
 *
 * The browser keeps the cookies: `cookies: false` is `credentials: 'omit'`, and every other wish is said by `credentials`. It
 * follows redirects unseen: `history` holds retries and challenges only.
 */
export class BrowserSession extends Session {
  constructor(options: SessionOptions = {}) {
    super(withCredentials(options), browserPlatform);
  }

  /** HEAD. Follows redirects, unlike elsewhere: a browser does not show a redirect, not even its status. */
  override head(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('HEAD', url, options);
  }

  override extend(options: SessionOptions = {}): this {
    return super.extend(withCredentials(options));
  }
}

// The very object where nothing changes: core knows a child by it.
const withCredentials = (options: SessionOptions): SessionOptions =>
  (options?.cookies === false || options?.cookies === null) && options.credentials === undefined
    ? { ...options, credentials: 'omit' }
    : options;
