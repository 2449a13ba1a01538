/** Closes its pool; requests under way come to their end. */
export interface HttpClient {
  close(): void;
}

/** The options of `Deno.createHttpClient` that this package uses. */
export interface HttpClientOptions {
  readonly proxy?:
    | { readonly transport?: 'http' | 'https' | 'socks5'; readonly url: string }
    | { readonly transport: 'unix'; readonly path: string };
  readonly caCerts?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly http1?: boolean;
  readonly http2?: boolean;
  readonly poolMaxIdlePerHost?: number;
  readonly poolIdleTimeout?: number;
  readonly allowHost?: boolean;
  readonly localAddress?: string;
}

/** What this package uses of the `Deno` global. */
export interface DenoRuntime {
  createHttpClient(options: HttpClientOptions): HttpClient;
  readTextFileSync(path: string): string;
  readonly env: {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
    delete(name: string): void;
  };
  readonly permissions: {
    querySync(descriptor: { readonly name: 'env'; readonly variable: string }): { readonly state: string };
  };
}

/** The `Deno` global. @throws {TypeError} outside Deno */
export const denoRuntime = (): DenoRuntime => {
  const { Deno } = globalThis as { Deno?: DenoRuntime };
  if (Deno === undefined) throw new TypeError('@httpsession/deno runs in Deno only');
  return Deno;
};
