import { BodyTooLargeError, DecodingError } from '../errors.ts';
import { onDemand } from '../on-demand.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodySource } from '../response/body-source.ts';
import { readAllOf } from '../response/read-all.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { codingsOf } from './content-codings.ts';
import { countedBody } from './counted-body.ts';
import type { DecompressedBodyParts } from './decompressed-body.ts';

/**
 * Wraps the body in what it still needs: decoding, and progress. For backends that are a fetch.
 * @returns a promise only where something is left to decode
 */
export const withDecodedBody = (
  request: PreparedRequest,
  response: SessionResponse,
  decodes: readonly string[],
  decodesStacked = false,
): SessionResponse | Promise<SessionResponse> => {
  const { source } = response;
  if (source === null || request.method === 'HEAD') return response;
  try {
    const codings = request.options.decompress ? codingsOf(response) : [];
    // What the backend decodes by itself, it decodes as a whole or not at all.
    const native = codings.length <= 1 || decodesStacked;
    if (native && codings.every((coding) => decodes.includes(coding)))
      return withSource(request, response, source);
    return decompress(request, response, source, codings);
  } catch (error) {
    source.cancel(error);
    throw error;
  }
};

const decompress = async (
  request: PreparedRequest,
  response: SessionResponse,
  source: BodySource,
  codings: readonly string[],
): Promise<SessionResponse> => {
  try {
    const { decompressedBody } = await decoder();
    const parts: DecompressedBodyParts = {
      failed: (message, cause) => new DecodingError(message, { response, cause }),
      readAll: (body, limit) => readAllOf(body, limit, (most) => new BodyTooLargeError(most, { response })),
    };
    let body = source;
    for (const coding of codings) body = decompressedBody(body, coding, parts);
    return withSource(request, response, body);
  } catch (error) {
    source.cancel(error);
    throw error;
  }
};

// Browsers decode by themselves: their bundles load it for nobody.
const decoder = /* @__PURE__ */ onDemand(() => import('./decompressed-body.ts'));

const withSource = (
  request: PreparedRequest,
  response: SessionResponse,
  body: BodySource,
): SessionResponse => {
  const { onDownloadProgress } = request.options;
  const source = onDownloadProgress === null ? body : countedBody(body, response, onDownloadProgress);
  return source === response.source ? response : response.derive({ source });
};
