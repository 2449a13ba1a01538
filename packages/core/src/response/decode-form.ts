import { BodyError } from '../errors.ts';
import type { SessionResponse } from './session-response.ts';

/** @throws {BodyError} when the bytes are not the form that Content-Type says */
export const decodeForm = async (
  bytes: Uint8Array<ArrayBuffer>,
  response: SessionResponse,
): Promise<FormData> => {
  const type = response.headers.get('content-type');
  try {
    return await new Response(bytes, { headers: type === null ? {} : { 'content-type': type } }).formData();
  } catch (cause) {
    throw new BodyError('the body is not a form', { response, cause });
  }
};
