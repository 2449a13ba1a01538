import type { CancelListener, CancelScope } from './cancel-scope.ts';

/**
 * What `work` comes to, or a rejection with the scope's reason as soon as that is cancelled: for waits on code of others, which need not
 * listen. (Not `Promise.race`, which would hold on to the loser.)
 */
export const orCancelled = <T>(
  work: Promise<T>,
  scope: Pick<CancelScope, 'subscribe' | 'unsubscribe'>,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const listener: CancelListener = { cancelled: reject };
    scope.subscribe(listener);
    work.then(resolve, reject).finally(() => scope.unsubscribe(listener));
  });
