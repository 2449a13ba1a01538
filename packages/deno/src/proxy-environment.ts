import { connectionVariables, proxyVariables } from '@httpsession/core';
import type { DenoRuntime } from './deno-runtime.ts';

/**
 * Whether the program may see every variable that Deno itself obeys. Asked, not tried: reading without leave would prompt or
 * throw.
 */
export const mayReadProxies = (deno: DenoRuntime): boolean => maySee(deno, proxyVariables);

/** Whether undici may run as well: it reads two variables of its own where it first parses a response. */
export const mayRunUndici = (deno: DenoRuntime): boolean => maySee(deno, undiciVariables);

/** See {@link mayRunUndici}. */
export const undiciVariables: readonly string[] = ['JEST_WORKER_ID', 'UNDICI_NO_WASM_SIMD'];

const maySee = ({ permissions }: DenoRuntime, variables: readonly string[]): boolean =>
  variables.every((variable) => permissions.querySync({ name: 'env', variable }).state === 'granted');

/** What a session reads of the environment, as far as it may be seen. */
export const visibleVariables = ({
  env,
  permissions,
}: DenoRuntime): Readonly<Record<string, string | undefined>> =>
  connectionVariables((name) =>
    permissions.querySync({ name: 'env', variable: name }).state === 'granted' ? env.get(name) : undefined,
  );

/**
 * Runs something while the environment names no proxies.
 *
 * Deno's clients read them when they are made, obey them beside our own decision, and let `NO_PROXY` overrule it: nothing else
 * switches that off. Synchronous, so that no other code of this thread runs in between.
 */
export const withoutProxyEnvironment = <T>({ env }: DenoRuntime, run: () => T): T => {
  const kept = proxyVariables.map((name) => [name, env.get(name)] as const);
  for (const [name, value] of kept) if (value !== undefined) env.delete(name);
  try {
    return run();
  } finally {
    for (const [name, value] of kept) if (value !== undefined) env.set(name, value);
  }
};
