import { ConnectionError } from './errors.ts';
import type { CancelScope } from './timeout/cancel-scope.ts';
import { orCancelled } from './timeout/or-cancelled.ts';

/** What may end a wait. */
type Scope = Pick<CancelScope, 'subscribe' | 'unsubscribe'>;

/**
 * Loads a part of the program that few calls need. `load` is `() => import('./part.ts')`, of which bundlers for browsers make a file of
 * its own. Once loaded the part is kept, and there is nothing to wait for.
 *
 * Such a part imports nothing that the start of the program has: what both need, a bundler would put into a third file, which the start
 * loads, too (0.6 kB gzip). It is told what it needs.
 *
 * @returns what answers the part; it throws {@link ConnectionError} when the part cannot be loaded, so that the next to ask tries again,
 *   and the reason of `scope` when that is cancelled. Inside the pipeline no scope is needed: whatever waits there ends with its call
 */
export const onDemand = <T>(load: () => Promise<T>): ((scope?: Scope) => T | Promise<T>) => {
  let part: T | null = null;
  const loading = (): Promise<T> =>
    load().then(
      (loaded) => {
        part = loaded;
        return loaded;
      },
      (cause) => {
        const message = 'a part of httpsession could not be loaded';
        throw new ConnectionError(message, { cause, requestSent: true });
      },
    );
  return (scope) => {
    if (part !== null) return part;
    return scope === undefined ? loading() : orCancelled(loading(), scope);
  };
};
