import { kindOf } from '../kind-of.ts';

/** The names of all options of `T`, of each member where it is a union. */
type NamesOf<T> = T extends unknown ? keyof T & string : never;

/**
 * The options of a helper such as `digest()`, copied into an object without prototype: a polluted `Object.prototype` adds nothing.
 *
 * @param of - whose they are, for the message
 * @param names - all that there are, such as the defaults
 * @throws {TypeError} when they are no object, or naming one that does not exist: a misspelt option must not be lost in silence
 */
export const knownOptions = <T extends object>(
  of: string,
  given: T,
  names: Readonly<Record<NamesOf<T>, unknown>>,
): T => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${of} options must be an object, got ${kindOf(given)}`);
  const own: T = Object.create(null);
  for (const name of Object.keys(given) as (keyof T & string)[]) {
    if (!Object.hasOwn(names, name))
      throw new TypeError(`${of}.${name} is not an option; there are ${Object.keys(names).join(', ')}`);
    own[name] = given[name];
  }
  return own;
};
