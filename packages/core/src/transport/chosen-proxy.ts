import type { PreparedRequest } from '../request/prepared-request.ts';
import type { TransportOptions } from './transport-options.ts';

/**
 * The request with the proxy that was chosen for it in place of a function of the caller's; itself where there is none.
 *
 * The function may give another answer the next time, and one that goes through a list means each for one request: neither what sends
 * nor what explains a failure may ask it again.
 * @param chosen - what `resolveProxy` answered
 */
export const withChosenProxy = (request: PreparedRequest, chosen: string | null): PreparedRequest => {
  const { options } = request;
  if (typeof options.transport.proxy !== 'function') return request;
  return request.with({
    options: Object.freeze({ ...options, transport: settled(options.transport, chosen) }),
  });
};

/** The options with this proxy: the same object each time, by which transports know their connections. */
const settled = (options: TransportOptions, proxy: string | null): TransportOptions => {
  let byProxy = known.get(options);
  if (byProxy === undefined) {
    byProxy = new Map();
    known.set(options, byProxy);
  }
  let decided = byProxy.get(proxy);
  if (decided === undefined) {
    decided = Object.freeze(Object.assign(Object.create(null), options, { proxy }) as TransportOptions);
    if (byProxy.size >= mostProxies) byProxy.clear();
    byProxy.set(proxy, decided);
  }
  return decided;
};

const known: WeakMap<TransportOptions, Map<string | null, TransportOptions>> = new WeakMap();
// A function may rotate through thousands.
const mostProxies = 64;
