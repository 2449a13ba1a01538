type Resolve<T> = (value: T | PromiseLike<T>) => void;
type Reject = (reason: unknown) => void;

// An executor runs before `new Promise` returns: one for all promises leaves what it was given here, for the one that is being made.
let lastResolve: Resolve<never>;
let lastReject: Reject;
const keep = (resolve: Resolve<never>, reject: Reject): void => {
  lastResolve = resolve;
  lastReject = reject;
};

/** A promise and what settles it: `Promise.withResolvers()`, which Node 20 lacks. Makes no closure. */
export class Deferred<T> {
  readonly promise: Promise<T> = new Promise<T>(keep);
  readonly resolve: Resolve<T> = lastResolve as Resolve<T>; // this promise's
  readonly reject: Reject = lastReject;
}
