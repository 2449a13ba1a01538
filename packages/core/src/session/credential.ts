import { type Auth, memberOf, toAuth } from '../auth/auth.ts';
import { basic } from '../auth/basic.ts';
import type { CallOptions } from '../options/call-options.ts';
import type { HeaderList } from '../request/header-list.ts';
import type { RequestURL } from '../request/request-url.ts';

/** Where a call's credential came from. */
export type CredentialSource = 'call' | 'session' | 'url' | 'environment' | 'none';

/** The credential of a call, and the origins it may go to: `null` for that of the call's URL alone. */
export interface Credential {
  readonly auth: Auth | null;
  readonly authOrigins: ReadonlySet<string> | null;
  readonly source: CredentialSource;
}

interface CredentialHolder {
  readonly auth: Auth | null;
  readonly boundOrigins: ReadonlySet<string> | null;
  netrc(): Auth | null;
}

/**
 * call auth > call `Authorization` header > session auth > URL user information > netrc.
 *
 * `null` for either of the first two means none at all.
 */
export const chooseCredential = (
  session: CredentialHolder,
  own: CallOptions,
  callHeaders: HeaderList,
  direct: RequestURL,
  target: RequestURL,
): Credential => {
  if (own.auth !== undefined) {
    const auth = own.auth === null ? null : toAuth(own.auth);
    return { auth, authOrigins: originsOf(auth) ?? null, source: auth === null ? 'none' : 'call' };
  }
  if (callHeaders.has('authorization')) return { auth: null, authOrigins: null, source: 'call' };
  if (callHeaders.isRemoved('authorization')) return { auth: null, authOrigins: null, source: 'none' };
  const { auth } = session;
  const origins = originsOf(auth) ?? session.boundOrigins;
  if (auth !== null && (direct.userinfo === null || origins === null || origins.has(target.origin))) {
    const applies = origins === null || origins.has(target.origin);
    return { auth, authOrigins: origins, source: applies ? 'session' : 'none' };
  }
  if (direct.userinfo !== null) return { auth: basic(...direct.userinfo), authOrigins: null, source: 'url' };
  const netrc = session.netrc();
  return { auth: netrc, authOrigins: null, source: netrc === null ? 'none' : 'environment' };
};

const originsOf = (auth: Auth | null): ReadonlySet<string> | undefined => {
  const origins = auth === null ? undefined : memberOf(auth, 'origins');
  return origins === undefined ? undefined : new Set(origins);
};
