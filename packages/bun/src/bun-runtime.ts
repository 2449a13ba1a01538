/** A pool of connections with a `fetch` of its own; Bun 1.4.3 and later. */
export interface BunFetchSession {
  fetch(url: string, init: RequestInit): Promise<Response>;
  close(): void;
}

/** What this package uses of the `Bun` global. */
export interface BunRuntime {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly FetchSession?: new (options: {
    readonly keepAlive?: { readonly idleTimeout?: number };
  }) => BunFetchSession;
  file(path: string): unknown;
}

/** The `Bun` global. @throws {TypeError} outside Bun */
export const bunRuntime = (): BunRuntime => {
  const { Bun } = globalThis as { Bun?: BunRuntime };
  if (Bun === undefined) throw new TypeError('@httpsession/bun runs in Bun only');
  return Bun;
};
