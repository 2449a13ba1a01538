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

const spelled = (_key: string, value: unknown): unknown => (value === undefined ? '(undefined)' : value);
