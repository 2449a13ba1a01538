import { Session, type SessionOptions, SessionResponse } from '@httpsession/core';
import { edgePlatform } from './edge-platform.ts';

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
    const native: typeof globalThis.fetch = async (input, init) => {
      const response = await through(input, init);
      return response instanceof SessionResponse ? response.toResponse() : response;
    };
    Object.defineProperty(this, 'fetch', { value: native, enumerable: true });
  }
}
