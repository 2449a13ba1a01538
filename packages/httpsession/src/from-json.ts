import { readSessionJSON, type SessionOptions } from '@httpsession/core';

/**
 * The options of a session that `toJSON()` wrote down, with more of the caller's own laid over them.
 * @throws {TypeError} when it is not what `toJSON()` made
 */
export const optionsFromJSON = (
  json: unknown,
  own: SessionOptions,
  readJar: (cookies: unknown, options: { url?: string }) => NonNullable<SessionOptions['cookies']>,
): SessionOptions => {
  const { baseUrl, headers, params, cookies } = readSessionJSON(json);
  return {
    ...(baseUrl !== undefined && { baseUrl }),
    headers,
    params,
    ...(cookies !== undefined && {
      cookies: readJar(cookies, baseUrl === undefined ? {} : { url: baseUrl }),
    }),
    ...own,
  };
};
