import type { BodySource } from './body-source.ts';

/** Who must know that a stream has been read from or cancelled. */
export interface StreamOwner {
  bodyDisturbed(stream: ReadableStream): void;
}

/** A body as a WHATWG byte stream: pulls only when somebody reads, cancels its source when they stop. */
export const bodyStream = (
  source: BodySource,
  owner: StreamOwner,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> = new ReadableStream({
    type: 'bytes',
    async pull(controller: ReadableByteStreamController) {
      owner.bodyDisturbed(stream);
      const chunk = await source.read();
      if (chunk !== null) {
        // A byte stream takes over (detaches) the buffer it is given; the transport may still need its own.
        controller.enqueue(new Uint8Array(chunk));
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel(reason: unknown) {
      owner.bodyDisturbed(stream);
      source.cancel(reason);
    },
  });
  return stream;
};
