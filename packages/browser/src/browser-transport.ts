import {
  fetchCapabilities,
  fetchTransportWith,
  type PreparedRequest,
  RedirectError,
  refuseOptions,
  TooManyRedirectsError,
  type Transport,
  type TransportCapabilities,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import { translateBrowserError } from './browser-errors.ts';
import { checkHeaders, forbiddenHeaders } from './forbidden-headers.ts';
import { bufferOrStream } from './upload-body.ts';

/** What a browser's fetch can do, and what it hides. */
export const browserCapabilities: TransportCapabilities = Object.freeze({
  ...fetchCapabilities,
  redirects: 'native',
  cookies: 'native',
  decodes: ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'],
  resends: 'any',
  forbiddenHeaders,
} as const);

const name = 'browser';

/** The browser's `fetch`, which is looked up at each send, as service workers and mocks may replace it. */
export const browserTransport = (options: TransportOptions): Transport => {
  const check = (given: TransportOptions): void => refuseOptions(given, name, browserCapabilities.options);
  check(options);
  const inner = fetchTransportWith(translateBrowserError, (url, init) => fetch(url, init), {
    name,
    capabilities: browserCapabilities,
    init: (request) => (needsOmit(request) ? { credentials: 'omit' } : {}),
    streamBody: bufferOrStream,
    decodesStacked: true,
    check,
  });
  return {
    ...inner,
    async send(request) {
      checkRequest(request);
      const response = await inner.send(request);
      const { mode, max } = request.options.redirect;
      if (response.type !== 'opaqueredirect' || mode === 'manual') return response;
      if (mode === 'error')
        throw new RedirectError("answered with a redirect and redirect is 'error'", { response });
      throw new TooManyRedirectsError(max, { response });
    },
  };
};

const checkRequest = (request: PreparedRequest): void => {
  checkHeaders(request, name);
  const refused = firstRefused(request.options);
  if (refused !== null) throw new UnsupportedOptionError(refused[0], name, refused[1], { request });
};

/** The first option given that a browser would not honour, and why not. */
const firstRefused = ({
  redirect,
  hooks,
  decompress,
  onUploadProgress,
}: PreparedRequest['options']): readonly [option: string, reason: string] | null => {
  if (redirect.mode === 'follow' && redirect.max !== 0 && redirect.max !== 30)
    return ['redirect.max', 'a browser counts by itself, up to 20'];
  if (redirect.methods !== 'fetch') return ['redirect.methods', followsItself];
  if (redirect.forwardHeaders.size > 0) return ['redirect.forwardHeaders', followsItself];
  if (!redirect.crossOriginBody) return ['redirect.crossOriginBody', followsItself];
  if (hooks.beforeRedirect.length > 0) return ['hooks.beforeRedirect', followsItself];
  if (!decompress) return ['decompress', 'a browser decodes bodies by itself'];
  if (onUploadProgress !== null) return ['onUploadProgress', 'fetch does not tell what has left'];
  return null;
};

const followsItself = 'a browser follows redirects by itself';

/**
 * A 401 that asks for Basic or Digest opens the browser's password prompt, and the fetch stays pending behind it, even where we
 * sent credentials of our own. It does not with `omit`; whoever needs the browser's cookies beside such credentials says `credentials`.
 */
const needsOmit = (request: PreparedRequest): boolean => {
  const authorization = request.header('authorization');
  return authorization === undefined
    ? request.call.authFor(request.origin)?.flow !== undefined
    : /^(?:basic|digest) /i.test(authorization);
};
