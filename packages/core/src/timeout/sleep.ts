import type { CancelScope } from './cancel-scope.ts';
import { Timer } from './timer.ts';

/** Waits `delay` milliseconds, or rejects with the scope's reason as soon as it is cancelled. Leaves no timer behind. */
export const sleep = (delay: number, scope: CancelScope): Promise<void> =>
  new Promise((resolve, reject) => {
    const wait = {
      timedOut(): void {
        scope.unsubscribe(wait);
        resolve();
      },
      cancelled(reason: unknown): void {
        timer.stop();
        reject(reason);
      },
    };
    const timer = new Timer(wait, 'sleep');
    timer.start(delay);
    scope.subscribe(wait);
  });
