import type { Jar } from '../cookies/cookie-jar.ts';
import type { Middleware } from '../middleware.ts';
import type { SessionOptions } from '../options/call-options.ts';
import type { ResolvedOptions } from '../options/resolve-options.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';
import type { Mounts } from './mounts.ts';
import type { SessionScope } from './session-scope.ts';

/** What a child takes over from its parent beside the options that can be written down. */
export interface Inherited {
  readonly options: ResolvedOptions;
  readonly mounts: Mounts;
  readonly jar: Jar | null;
  readonly callMiddlewares: readonly Middleware[];
  readonly exchangeMiddlewares: readonly Middleware[];
  readonly retryBudget: RetryBudget;
  /** The parent's: closing it closes the child. */
  readonly scope: SessionScope;
}

// Travels in the options, so that it survives a subclass whose constructor spreads them into new ones.
const inherited: unique symbol = Symbol('httpsession.inherited');

/** Options that a child of a session is made with. */
export const withInheritance = (options: SessionOptions, from: Inherited): SessionOptions =>
  Object.assign(Object.create(null), options, { [inherited]: from });

/** What `options` inherit, `null` for those of a session of its own. */
export const inheritanceOf = (options: SessionOptions): Inherited | null =>
  typeof options === 'object' && options !== null && Object.hasOwn(options, inherited)
    ? (options as { readonly [inherited]: Inherited })[inherited]
    : null;
