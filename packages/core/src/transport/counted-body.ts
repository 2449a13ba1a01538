import { BodyTooLargeError } from '../errors.ts';
import { progressMeter } from '../request/upload-progress.ts';
import type { BodySource } from '../response/body-source.ts';
import { readAllOf } from '../response/read-all.ts';
import type { SessionResponse } from '../response/session-response.ts';

/** A body that tells how much of it has been read. */
export const countedBody = (
  inner: BodySource,
  response: SessionResponse,
  tell: Parameters<typeof progressMeter>[1],
): BodySource => {
  const length = response.headers.get('content-length');
  const encoded = response.headers.has('content-encoding');
  const meter = progressMeter(length === null || encoded ? null : Number(length), tell);
  const read = async (): Promise<Uint8Array | null> => {
    const chunk = await inner.read();
    try {
      if (chunk !== null) meter(chunk.byteLength);
    } catch (error) {
      inner.cancel(error);
      throw error;
    }
    return chunk;
  };
  const source: BodySource = {
    read,
    readAll: (limit) => readAllOf(source, limit, (most) => new BodyTooLargeError(most, { response })),
    cancel: (reason) => inner.cancel(reason),
    whenSettled: (owner) => inner.whenSettled(owner),
  };
  return source;
};
