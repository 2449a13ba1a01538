/**
 * Sets what Node, Deno and Bun print for the instances of a class, at any depth: a line without secrets.
 *
 * (Not methods with computed names: JSR's isolated declarations cannot describe those.)
 */
export const inspectAs = <T extends object>(
  type: { readonly prototype: T },
  describe: (instance: T) => string,
): void => {
  const inspect = function (this: T): string {
    return describe(this);
  };
  for (const name of ['nodejs.util.inspect.custom', 'Deno.customInspect']) {
    Object.defineProperty(type.prototype, Symbol.for(name), {
      value: inspect,
      configurable: true,
      writable: true,
    });
  }
};
