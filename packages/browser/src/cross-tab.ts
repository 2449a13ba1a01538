import { UnsupportedOptionError } from '@httpsession/core';

/**
 * One refresh for all tabs and workers of an origin: the `lock` of `refreshing()` and `oauth2()`.
 *
 * The first to need a token fetches it while it holds a Web Lock; the others wait for the lock and take the token that it
 * tells them by BroadcastChannel, without a storage that scripts could read later. When it fails, the next one tries.
 *
 * @param name - told apart by it: one per credential
 * @throws {UnsupportedOptionError} where there are no Web Locks: Node before 24, Bun, pages without TLS
 */
export const crossTab = (
  name = 'httpsession',
): (<T>(lockName: string, run: () => Promise<T>) => Promise<T>) => {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined || globalThis.BroadcastChannel === undefined) {
    throw new UnsupportedOptionError('lock', 'this platform', 'it has no navigator.locks');
  }
  return async <T>(lockName: string, run: () => Promise<T>): Promise<T> => {
    const id = `${name}:${lockName}`;
    const news = new News<T>(id);
    const lead = async (): Promise<T> => {
      const result = await run();
      news.tell({ result });
      return result;
    };
    try {
      let led: { readonly result: T } | undefined;
      await locks.request(id, { ifAvailable: true }, async (lock) => {
        if (lock !== null) led = { result: await lead() };
      });
      if (led !== undefined) return led.result;
      // Somebody else is at it. Locks and messages travel apart: the lock may come first, the news a moment after.
      return await locks.request(id, async () => (await news.heard(graceAfterLock))?.result ?? lead());
    } finally {
      news.close();
    }
  };
};

const graceAfterLock = 100;

/** What the tab that held the lock tells the others: its result. One that failed tells nothing. */
class News<T> {
  readonly #channel: BroadcastChannel;
  #last: { readonly result: T } | null = null;
  #wake: () => void = () => undefined;

  constructor(id: string) {
    this.#channel = new BroadcastChannel(id);
    this.#channel.onmessage = ({ data }) => {
      this.#last = data;
      this.#wake();
    };
  }

  tell(news: { readonly result: T }): void {
    this.#channel.postMessage(news);
  }

  /** The last news, waited for at most `patience` milliseconds. */
  async heard(patience: number): Promise<{ readonly result: T } | null> {
    if (this.#last === null) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#last;
  }

  close(): void {
    this.#channel.close();
  }
}
