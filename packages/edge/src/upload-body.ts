import { type PreparedRequest, UnsupportedOptionError } from '@httpsession/core';

interface FixedLengthPair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** Whether this is workerd: the runtime with `FixedLengthStream`, and with the trap that needs it. */
export const hasFixedLength = (): boolean => typeof fixedLengthStream() === 'function';

/**
 * A stream that the server can tell from one that broke off.
 *
 * When an upload's stream fails, workerd ends the chunked body in good order: the server takes a part for the whole. Only a
 * declared length gives it away, so that streams of unknown length are refused there.
 * @throws {UnsupportedOptionError} for a stream of unknown length on workerd
 */
export const fixedLength = (
  request: PreparedRequest,
  stream: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> => {
  const FixedLengthStream = fixedLengthStream();
  if (FixedLengthStream === undefined) return stream;
  const length = request.body?.length ?? null;
  if (length === null) {
    void stream.cancel();
    throw new UnsupportedOptionError(
      'body',
      'edge',
      'a stream of unknown length that fails would reach the server as a complete, shorter body; send bytes or a Blob',
      { request },
    );
  }
  const { readable, writable } = new FixedLengthStream(length);
  // The failure itself reaches the caller through the transport, which reads the stream.
  stream.pipeTo(writable).catch(() => undefined);
  return readable;
};

const fixedLengthStream = (): (new (length: number) => FixedLengthPair) | undefined =>
  (globalThis as { FixedLengthStream?: new (length: number) => FixedLengthPair }).FixedLengthStream;
