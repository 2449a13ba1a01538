/**
 * Has V8 collect a large chunk soon after its reader has dropped it, as if its bytes were in V8's own heap.
 *
 * They are not, so V8 sees a small object. It begins a full collection when some 32 MB wait behind such objects, works it off in the background,
 * and meanwhile a fast download drops as much again. What fills the young generation is collected at once, dropped chunks included: so each
 * chunk brings garbage of its size there.
 *
 * Measured on Node 24 with 1 GB read as a stream: a new process grows by 30 MB instead of 95; one that holds a million objects needs 1.3 s of
 * CPU instead of 5.0, with 0 to 3 full collections instead of 13. Bodies that are read whole are not touched: their chunks live on.
 */
export const hastenCollection = (chunk: Uint8Array): void => {
  if (chunk.byteLength < large) return;
  const garbage = new Array<undefined>(Math.floor(chunk.byteLength / pointer));
  // Held on to, it would be alive in a collection, after which V8 enlarges the young generation; unused, it is optimized away.
  garbage.length = 0;
};

// Smaller chunks come with objects enough: views, promises, stream requests.
const large = 32 * 1024;
const pointer = 8;
