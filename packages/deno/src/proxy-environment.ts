import { type EnvironmentProxies, proxyFromEnvironment } from '@httpsession/core';
import type { DenoRuntime } from './deno-runtime.ts';

const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/**
 * Whether the program may see every variable that Deno itself obeys. Asked, not tried: reading without leave would prompt or
 * throw.
 */
export const mayReadProxies = ({ permissions }: DenoRuntime): boolean =>
  names.every((variable) => permissions.querySync({ name: 'env', variable }).state === 'granted');

/** The proxies of the environment. Only where {@link mayReadProxies}. */
export const environmentProxies = ({ env, permissions }: DenoRuntime): EnvironmentProxies =>
  proxyFromEnvironment((name) =>
    permissions.querySync({ name: 'env', variable: name }).state === 'granted' ? env.get(name) : undefined,
  );

/**
 * Runs something while the environment names no proxies.
 *
 * Deno's clients read them when they are made, obey them beside our own decision, and let `NO_PROXY` overrule it: nothing else
 * switches that off. Synchronous, so that no other code of this thread runs in between.
 */
export const withoutProxyEnvironment = <T>({ env }: DenoRuntime, run: () => T): T => {
  const kept = names.map((name) => [name, env.get(name)] as const);
  for (const [name, value] of kept) if (value !== undefined) env.delete(name);
  try {
    return run();
  } finally {
    for (const [name, value] of kept) if (value !== undefined) env.set(name, value);
  }
};
