import { UnsupportedOptionError } from 'httpsession';

/** Fails a scenario, with what was found. */
export function check(fact: boolean, found = 'it does not hold'): asserts fact {
  if (!fact) throw new Error(found);
}

/** Compares by JSON; `undefined` members of lists are told apart from `null`. */
export const same = (found: unknown, wanted: unknown): void => {
  const [left, right] = [found, wanted].map((value) => JSON.stringify(value, spelled) ?? 'undefined');
  if (left !== right) throw new Error(`found ${left}, wanted ${right}`);
};

/** What a promise rejects with. */
export const rejection = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

/** The error of this class that a promise rejects with. @throws {Error} naming what came in its place */
export const failure = async <E extends Error>(
  promise: PromiseLike<unknown>,
  type: abstract new (...args: never[]) => E,
): Promise<E> => {
  const error = await rejection(promise);
  if (error instanceof type) return error;
  // A refusal is for the scenario's terms to judge.
  if (error instanceof UnsupportedOptionError) throw error;
  throw new Error(`failed with ${describeError(error)}, wanted ${type.name}`, { cause: error });
};

/** What a function throws. */
export const thrown = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
};

const describeError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);

const spelled = (_key: string, value: unknown): unknown => (value === undefined ? '(undefined)' : value);
