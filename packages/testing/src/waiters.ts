/** How long to wait. */
export interface WaitOptions {
  /** In milliseconds. @defaultValue 5000 */
  readonly timeout?: number;
}

interface Waiter {
  readonly check: () => void;
  readonly reject: (error: Error) => void;
}

/** Promises that settle when a fact holds, looked at whenever something has changed. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  wait(fact: () => boolean, { timeout = 5000 }: WaitOptions, describe: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        act();
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`waited ${timeout} ms for ${describe()}`))),
        timeout,
      );
      const waiter: Waiter = {
        check: () => {
          try {
            if (fact()) settle(resolve);
          } catch (error) {
            settle(() => reject(error));
          }
        },
        reject: (error) => settle(() => reject(error)),
      };
      this.#waiting.add(waiter);
      waiter.check();
    });
  }

  check(): void {
    for (const { check } of [...this.#waiting]) check();
  }

  close(): void {
    for (const { reject } of [...this.#waiting])
      reject(new Error('the server closed while it was waited for'));
  }
}
