// undici is told no reason of the caller's: it would end up in its own error objects.

/** Somebody lost interest. */
export const abortReason: Error = new Error('aborted');

/** A limit ran out: the peer may be gone. */
export const ranOut: Error = new Error('out of time');
