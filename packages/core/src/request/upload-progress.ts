import type { Progress } from '../options/call-options.ts';
import type { RequestBody } from './request-body.ts';

const step = 64 * 1024;

/** A body that tells how much of it the transport has taken. Sent again, it starts from 0 again. */
export const uploadProgress = (body: RequestBody, tell: (progress: Progress) => void): RequestBody => ({
  kind: body.kind === 'memory' ? 'source' : body.kind,
  contentType: body.contentType,
  length: body.length,
  get replayable() {
    return body.replayable;
  },
  // As a whole it would be handed over at once, and progress would say nothing.
  bytes: null,
  stream: () => counted(body.stream(), body.length, tell),
});

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  total: number | null,
  tell: (progress: Progress) => void,
): AsyncGenerator<Uint8Array> {
  const meter = progressMeter(total, tell);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; at += step) {
      const piece = chunk.subarray(at, at + step);
      yield piece;
      meter(piece.byteLength);
    }
  }
}

/** Counts bytes from now on and tells the sum, the total and the mean rate. */
export const progressMeter = (
  total: number | null,
  tell: (progress: Progress) => void,
): ((bytes: number) => void) => {
  const startedAt = performance.now();
  let loaded = 0;
  return (bytes) => {
    loaded += bytes;
    const seconds = (performance.now() - startedAt) / 1000;
    tell({ loaded, total, rate: seconds === 0 ? 0 : loaded / seconds });
  };
};
