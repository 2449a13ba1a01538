// The same symbols in every copy of this package: one per class, on its prototype.
const brandOf = (name: string): symbol => Symbol.for(`httpsession.${name}`);

/** A class of the error tree. */
export type ErrorClass<T> = abstract new (...args: never[]) => T;

/** Gives a class its name and brand. On the prototype, so that instances do not each hold (and print) a name of their own. */
export const brand = (type: { readonly prototype: object }, name: string): void => {
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(type.prototype, brandOf(name), { value: true });
};

/** `instanceof` across copies of this package. */
export const isOfClass = <T extends Error>(value: unknown, type: ErrorClass<T>): value is T => {
  if (value instanceof type) return true;
  // A class that somebody derived of ours has no brand of its own: only `instanceof` knows it.
  if (typeof value !== 'object' || value === null || !Object.hasOwn(type.prototype, 'name')) return false;
  return brandOf(type.prototype.name) in value;
};
