import type { BodySource } from './body-source.ts';

/** Who must know that a stream has been read from or cancelled. */
export interface StreamOwner {
  bodyDisturbed(stream: ReadableStream): void;
  /** Why the body ends before its time, when it was given up beside the stream's reader. */
  readonly bodyLost: { readonly reason: unknown } | null;
}

/** A body as a WHATWG byte stream: pulls only when somebody reads, cancels its source when they stop. */
export const bodyStream = (
  source: BodySource,
  owner: StreamOwner,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> = new ReadableStream({
    type: 'bytes',
    pull(controller: ReadableByteStreamController) {
      owner.bodyDisturbed(stream);
      const chunk = source.read();
      if (chunk instanceof Promise) return chunk.then((late) => forward(late, source, owner, controller));
      forward(chunk, source, owner, controller);
      return undefined;
    },
    cancel(reason: unknown) {
      owner.bodyDisturbed(stream);
      source.cancel(reason);
    },
  });
  return stream;
};

const forward = (
  chunk: Uint8Array | null,
  source: BodySource,
  { bodyLost }: StreamOwner,
  controller: ReadableByteStreamController,
): void => {
  if (chunk === null) {
    if (bodyLost !== null) throw bodyLost.reason;
    controller.close();
    controller.byobRequest?.respond(0);
    return;
  }
  // A byte stream takes over (detaches) the buffer it is given; only some transports can do without theirs. Copying costs 15% of the CPU
  // of a large download.
  const whole = chunk.byteLength === chunk.buffer.byteLength;
  controller.enqueue(
    whole && source.handsOver === true ? (chunk as Uint8Array<ArrayBuffer>) : new Uint8Array(chunk),
  );
};
