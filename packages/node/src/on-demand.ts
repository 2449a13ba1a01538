// What Deno and Bun take of this package: each part is loaded when it is first used. The declarations name nothing of Node.
import {
  type Auth,
  LazyTransport,
  onDemand,
  type Platform,
  type SessionResponse,
  type TransportOptions,
} from '@httpsession/core';

const downloads = onDemand(() => import('./download.ts'));
const netrcFiles = onDemand(() => import('./netrc.ts'));
const transports = onDemand(() => import('./undici-transport.ts'));

/** `response.download()` of a platform that has `node:fs`. */
export const download: NonNullable<Platform['download']> = async (response, ...rest) => {
  const files = await loadedFor(response);
  return files.download(response, ...rest);
};

const loadedFor = async (response: SessionResponse): Promise<typeof import('./download.ts')> => {
  try {
    return await downloads(response.request.scope);
  } catch (error) {
    response.abandon(error);
    throw error;
  }
};

/** `netrc()` of a platform that has `node:fs`. */
export const netrc = (): Auth => {
  let credential: Auth | null = null;
  return {
    async sign(request) {
      const files = await netrcFiles();
      credential ??= files.netrc();
      return (await credential.sign?.(request)) ?? request;
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
    const { UndiciTransport } = await transports();
    return new UndiciTransport(options, variables);
  });
