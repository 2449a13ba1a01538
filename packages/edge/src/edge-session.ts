import { Session, type SessionOptions } from '@httpsession/core';
import { edgePlatform } from './edge-platform.ts';
import { nativeResponse } from './native-response.ts';

/**
 * A session in an edge worker.
 *
 * Its `fetch` answers with responses of the runtime's own making, so that a handler may return them:
 * `export default { fetch: (request) => session.fetch(request) }`. The other methods answer with `SessionResponse`, which a
 * runtime does not take: return `response.toResponse()` there.
 */
export class EdgeSession extends Session {
  constructor(options: SessionOptions = {}) {
    super(options, edgePlatform);
    const through = this.fetch;
    const native: typeof globalThis.fetch = async (input, init) => nativeResponse(await through(input, init));
    Object.defineProperty(this, 'fetch', { value: native, enumerable: true });
  }
}
