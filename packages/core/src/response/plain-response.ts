import { BodyError } from '../errors.ts';
import type { SessionResponse } from './session-response.ts';

const describesCoding: ReadonlySet<string> = new Set(['content-encoding', 'content-length']);

/**
 * A plain `Response` of the platform with the same status, headers and body.
 * @throws {BodyError} for a status that no `Response` can have
 */
export const plainResponse = (response: SessionResponse): Response => {
  const { status, statusText, headers, request } = response;
  if (status < 200 || status > 599)
    throw new BodyError(`no Response can have the status ${status}`, { response });
  // The body is decoded: whoever gets these headers with it would decode it again.
  const decoded = request.options.decompress && headers.has('content-encoding');
  return new Response([204, 205, 304].includes(status) ? null : response.body, {
    status,
    statusText,
    headers: [...headers].filter(([name]) => !(decoded && describesCoding.has(name))),
  });
};
