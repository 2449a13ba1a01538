/** Holds a value without keeping it. (workerd has no `WeakRef` before its compatibility date 2025-05-05: there it is kept.) */
export const weakly = <T extends WeakKey>(value: T): { deref(): T | undefined } =>
  typeof WeakRef === 'function' ? new WeakRef(value) : { deref: () => value };
