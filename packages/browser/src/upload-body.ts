import type { PreparedRequest } from '@httpsession/core';

/**
 * What a stream is uploaded as: itself where the browser can, else a Blob of all its bytes.
 *
 * Browsers stream uploads over HTTP/2 and 3 only, and fail over HTTP/1.1. Resource Timing tells what an origin speaks once
 * something was fetched from it; until then the safe way is taken.
 */
export const bufferOrStream = async (
  request: PreparedRequest,
  stream: ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array> | Blob> => {
  if (request.body?.kind === 'one-shot' && canStream() && speaksHttp2(request.origin)) return stream;
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
};

// A browser without upload streams makes text of one, and a content type with it (WHATWG Fetch, "duplex").
const canStream = (): boolean => {
  let asked = false;
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      asked = true;
      return 'half';
    },
  };
  return !new Request('https://a.invalid', init).headers.has('content-type') && asked;
};

const speaksHttp2 = (origin: string): boolean =>
  ['navigation', 'resource'].some((type) =>
    performance
      .getEntriesByType(type)
      .some(
        (entry) =>
          entry.name.startsWith(`${origin}/`) &&
          /^h[23]/.test((entry as PerformanceResourceTiming).nextHopProtocol),
      ),
  );
