import type { CookieIdentity, CookieRecord } from './cookie-record.ts';
import type { CookieDraft } from './imported-cookie.ts';

/** Who changed a jar: the program itself, a server's response, an imported file, or another process through a store. */
export type CookieCause = 'call' | 'response' | 'import' | 'store';

/** Something that happened to one cookie of a jar. `expired` and `evicted` cookies left by themselves. */
export type CookieChange =
  | { readonly kind: 'set'; readonly cookie: CookieRecord; readonly cause: CookieCause }
  | {
      readonly kind: 'delete';
      readonly cookie: CookieRecord;
      readonly cause: CookieCause | 'expired' | 'evicted';
    };

/** Told of every change right after it was made. What it throws reaches whoever made the change. */
export type CookieChangeListener = (change: CookieChange) => void;

/** A change made elsewhere, to be made here. Every `CookieChange` is one. */
export type ForeignChange =
  | { readonly kind: 'set'; readonly cookie: CookieDraft }
  | { readonly kind: 'delete'; readonly cookie: CookieIdentity };
