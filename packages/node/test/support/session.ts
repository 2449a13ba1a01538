import { Session, type SessionOptions } from '@httpsession/core';
import { onTestFinished } from 'vitest';
import { nodePlatform } from '../../src/node-platform.ts';

/**
 * A session that is closed when the test ends. It reads nothing from the environment and repeats nothing unless the test says so: what a
 * test asserts must not depend on the shell it runs in.
 */
export const openSession = (options: SessionOptions = {}): Session => {
  const session = new Session({ trustEnv: false, retry: null, ...options }, nodePlatform);
  onTestFinished(() => session.close());
  return session;
};

/** Status and text of a GET. */
export const fetchText = async (session: Session, url: string): Promise<string> => {
  const response = await session.get(url);
  return `${response.status} ${await response.text()}`;
};

/** What a promise rejects with. */
export const failure = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

/** Retries without waiting. */
export const quickRetry = (limit: number): SessionOptions['retry'] => ({
  limit,
  backoff: { base: 0, max: 0 },
});
