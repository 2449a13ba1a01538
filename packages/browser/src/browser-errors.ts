import {
  ConnectionError,
  InvalidURLError,
  type PreparedRequest,
  TLSError,
  UnsupportedOptionError,
} from '@httpsession/core';

/**
 * Makes one of our errors of what a browser's fetch rejected with.
 *
 * A page may not learn why a request failed ("Failed to fetch", "Load failed", "NetworkError when attempting to fetch resource"): the
 * phase is unknown, and the request counts as sent. What can be told apart is what never left, and the TLS failures that Safari
 * named until version 15.
 */
export const translateBrowserError = (cause: unknown, request: PreparedRequest): Error => {
  const text = cause instanceof Error ? cause.message : '';
  const details = { request, cause };
  if (/HTTP method|Method is /i.test(text))
    return new UnsupportedOptionError('method', 'browser', `it does not send ${request.method}`, details);
  if (/Invalid URL|unknown scheme|bad port|scheme .* not supported/i.test(text))
    return new InvalidURLError('the URL cannot be fetched', details);
  if (/certificate|SSL/i.test(text)) return new TLSError('TLS failed', { ...details, requestSent: false });
  return new ConnectionError('the request failed', { ...details, requestSent: true });
};
