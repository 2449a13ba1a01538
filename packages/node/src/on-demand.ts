// What Deno and Bun take of this package: each part is loaded when it is first used. The declarations name nothing of Node.
import { type Auth, LazyTransport, type Platform, type TransportOptions } from '@httpsession/core';

/** `response.download()` of a platform that has `node:fs`. */
export const download: NonNullable<Platform['download']> = async (...input) => {
  const files = await import('./download.ts');
  return files.download(...input);
};

/** `netrc()` of a platform that has `node:fs`. */
export const netrc = (): Auth => {
  let credential: Promise<Auth> | null = null;
  return {
    async sign(request) {
      credential ??= import('./netrc.ts').then((file) => file.netrc());
      return (await (await credential).sign?.(request)) ?? request;
    },
  };
};

/**
 * The Node transport, for what a platform's fetch cannot do: Deno and Bun have `node:net` and `node:tls` too.
 * @param variables - the environment to take proxies and certificate authorities from, as far as the options trust it
 */
export const sockets = (
  options: TransportOptions,
  variables: Readonly<Record<string, string | undefined>>,
): LazyTransport =>
  new LazyTransport(async () => {
    const { UndiciTransport } = await import('./undici-transport.ts');
    return new UndiciTransport(options, variables);
  });
