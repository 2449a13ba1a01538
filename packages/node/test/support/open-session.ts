import { Session, type SessionOptions } from '@httpsession/core';
import { ScenarioServer, type ScenarioServerOptions } from '@httpsession/testing';
import { onTestFinished } from 'vitest';
import { nodePlatform } from '../../src/node-platform.ts';

/** A scripted server and a session, both closed when the test has finished. */
export const start = async (
  options: SessionOptions = {},
  serverOptions: ScenarioServerOptions = {},
): Promise<{ server: ScenarioServer; session: Session }> => {
  const server = await ScenarioServer.start(serverOptions);
  const session = newSession(options);
  onTestFinished(() => server.close());
  return { server, session };
};

/** A session that is closed when the test has finished. */
export const newSession = (options: SessionOptions = {}): Session => {
  const session = new Session(options, nodePlatform);
  onTestFinished(() => session.close());
  return session;
};

/** What the promise rejects with. */
export const failureOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => {
      throw new Error(`expected a failure, got ${String(value)}`);
    },
    (error: unknown) => error,
  );

/** What the promise rejects with, as an error, and how long that took in milliseconds. */
export const timedFailureOf = async (
  promise: PromiseLike<unknown>,
): Promise<{ error: unknown; took: number }> => {
  const startedAt = performance.now();
  const error = await failureOf(promise);
  return { error, took: performance.now() - startedAt };
};

/** Waits until the condition holds. */
export const until = async (condition: () => boolean, limit = 5000): Promise<void> => {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > limit) throw new Error(`it does not come true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
