import { type PreparedRequest, UnsupportedOptionError } from '@httpsession/core';

/** Request headers that a browser sets itself and takes from no script (WHATWG Fetch, "forbidden request-header"). */
export const forbiddenHeaders: readonly string[] = (
  'accept-charset accept-encoding access-control-request-headers access-control-request-method ' +
  'access-control-request-private-network connection content-length cookie cookie2 date dnt expect host keep-alive ' +
  // Not on the list any more, but Chromium and Safari send their own all the same.
  'origin referer set-cookie te trailer transfer-encoding upgrade user-agent via'
).split(' ');

/** Refuses those that a list of names does not cover. @throws {UnsupportedOptionError} naming the header */
export const checkHeaders = (request: PreparedRequest, platform: string): void => {
  for (const [name, value] of request.headers) {
    if (
      /^(?:proxy|sec)-/i.test(name) ||
      (/^x-(?:http-)?method(?:-override)?$/i.test(name) && /\b(?:connect|trace|track)\b/i.test(value))
    ) {
      throw new UnsupportedOptionError(
        `headers.${name.toLowerCase()}`,
        platform,
        'the platform would drop it',
        {
          request,
        },
      );
    }
  }
};
