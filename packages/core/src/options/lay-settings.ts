import { kindOf } from '../kind-of.ts';

/** Judges one setting: answers the value to keep, or throws a `TypeError` that names it. */
export type Check<T> = (value: unknown, name: string, inherited: T) => T;

/** A check for each setting of a group; there are no others. */
export type Checks<T> = { readonly [Name in keyof T]?: Check<T[Name]> };

/**
 * Lays a group of settings, such as the members of `timeout`, over inherited ones. Own members count; `undefined` inherits.
 * @param wanted - what the group must be, for the message
 * @throws {TypeError} naming the setting that is unknown or wrong, and what came
 */
export const laySettings = <T extends object>(
  group: string,
  wanted: string,
  given: unknown,
  inherited: T,
  checks: Checks<T>,
  noun = 'an option',
): T => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${group} must be ${wanted}, got ${kindOf(given)}`);
  const laid: T = { ...inherited };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, name))
      throw new TypeError(`${group}.${name} is not ${noun}; there are ${Object.keys(checks).join(', ')}`);
    const key = name as keyof T & string;
    if (value !== undefined && checks[key]) laid[key] = checks[key](value, `${group}.${key}`, inherited[key]);
  }
  return laid;
};

/** Makes a check of what it accepts. Numbers are shown in its message; of anything else the kind, unless `show` tells more. */
export const accepting =
  <T>(
    wanted: string,
    accepts: (value: unknown) => boolean,
    show: (value: unknown) => unknown = numberOrKind,
  ): Check<T> =>
  (value, name) => {
    if (accepts(value)) return value as T;
    throw new TypeError(`${name} must be ${wanted}, got ${String(show(value))}`);
  };

const numberOrKind = (value: unknown): unknown => (typeof value === 'number' ? value : kindOf(value));

export const flag: Check<boolean> = /* @__PURE__ */ accepting(
  'true or false',
  (value) => typeof value === 'boolean',
  kindOf,
);

/** `Infinity` is one, too. */
export const wholeNumber: Check<number> = /* @__PURE__ */ accepting(
  'a whole number of 0 or more',
  (value) => isAtLeast0(value) && (value === Number.POSITIVE_INFINITY || Number.isInteger(value)),
);

export const isAtLeast0 = (value: unknown): value is number => typeof value === 'number' && value >= 0;

export const isFunction = (value: unknown): boolean => typeof value === 'function';
