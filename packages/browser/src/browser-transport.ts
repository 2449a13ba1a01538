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
  const { redirect, hooks, decompress, onUploadProgress } = request.options;
  checkHeaders(request, name);
  const refused =
    redirect.mode === 'follow' && redirect.max !== 0 && redirect.max !== 30
      ? ['redirect.max', 'a browser counts by itself, up to 20']
      : redirect.methods !== 'fetch'
        ? ['redirect.methods', followsItself]
        : redirect.forwardHeaders.size > 0
          ? ['redirect.forwardHeaders', followsItself]
          : !redirect.crossOriginBody
            ? ['redirect.crossOriginBody', followsItself]
            : hooks.beforeRedirect.length > 0
              ? ['hooks.beforeRedirect', followsItself]
              : !decompress
                ? ['decompress', 'a browser decodes bodies by itself']
                : onUploadProgress !== null
                  ? ['onUploadProgress', 'fetch does not tell what has left']
                  : null;
  if (refused !== null)
    throw new UnsupportedOptionError(refused[0] ?? '', name, refused[1] ?? '', { request });
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
