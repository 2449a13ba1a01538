import { noHooks, type ResolvedHooks, resolveHooks } from '../hooks/hooks.ts';
import { kindOf } from '../kind-of.ts';
import { defaultRedirects, type Redirects, resolveRedirects } from '../redirect/redirect-options.ts';
import type { RetryPolicy } from '../retry/retry-options.ts';
import { defaultRetryPolicy, resolveRetry } from '../retry/retry-policy.ts';
import { defaultTimeouts, resolveTimeouts, type Timeouts } from '../timeout/timeout-options.ts';
import {
  noTransportOptions,
  platformOptions,
  type ResolvedTransportOptions,
} from '../transport/transport-options.ts';
import type { CallOptions, Progress, SharedOptions } from './call-options.ts';
import { accepting, type Check, flag, isAtLeast0, isFunction } from './lay-settings.ts';
import { resolveTransport } from './resolve-transport.ts';

/** The effective policy of a call: every option given, checked once, frozen, shared by calls that change nothing. */
export interface ResolvedOptions {
  readonly timeout: Timeouts;
  readonly retry: RetryPolicy;
  readonly redirect: Redirects;
  readonly raiseForStatus: boolean;
  readonly hooks: ResolvedHooks;
  readonly decompress: boolean;
  /** Bytes; `Infinity` for no limit. */
  readonly maxResponseSize: number;
  readonly onUploadProgress: ((progress: Progress) => void) | null;
  readonly onDownloadProgress: ((progress: Progress) => void) | null;
  /** What was asked of the connection: only what was given. */
  readonly transport: ResolvedTransportOptions;
}

/** The options of a call that was given none. */
export const noOptions: CallOptions = Object.freeze(Object.create(null));

export const defaultOptions: ResolvedOptions = Object.freeze({
  timeout: defaultTimeouts,
  retry: defaultRetryPolicy,
  redirect: defaultRedirects,
  raiseForStatus: false,
  hooks: noHooks,
  decompress: true,
  maxResponseSize: 100 * 1024 * 1024,
  onUploadProgress: null,
  onDownloadProgress: null,
  transport: noTransportOptions,
});

const policyOptions = [
  'timeout',
  'retry',
  'redirect',
  'raiseForStatus',
  'hooks',
  'decompress',
  'maxResponseSize',
  'onUploadProgress',
  'onDownloadProgress',
] as const;

const sharedNames = [
  'headers',
  'params',
  'auth',
  'baseUrl',
  'cookies',
  'signal',
  ...policyOptions,
  ...platformOptions,
];
const callNames: ReadonlySet<string> = new Set([...sharedNames, 'json', 'form', 'multipart', 'body']);
const sessionNames: ReadonlySet<string> = new Set([...sharedNames, 'origins']);
const policyNames: ReadonlySet<string> = new Set([...policyOptions, ...platformOptions]);

/**
 * Copies a caller's options into an object without prototype: a polluted `Object.prototype` adds nothing, and later changes
 * of the caller's object reach nobody.
 * @throws {TypeError} naming an option that does not exist
 */
export const ownOptions = <T extends object>(given: T, kind: 'call' | 'session'): T => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`options must be an object, got ${kindOf(given)}`);
  }
  const known = kind === 'call' ? callNames : sessionNames;
  const own: T = Object.create(null);
  for (const name of Object.keys(given) as (keyof T & string)[]) {
    if (!known.has(name)) throw new TypeError(`${unknownOption(name, kind)}`);
    own[name] = given[name];
  }
  return own;
};

/** Lays own options over inherited ones; the inherited object itself when none of them is a policy. */
export const resolveOptions = (own: SharedOptions, inherited: ResolvedOptions): ResolvedOptions => {
  let changes = false;
  for (const name in own) {
    if (policyNames.has(name)) {
      changes = true;
      break;
    }
  }
  if (!changes) return inherited;
  const laid = <Name extends keyof SharedOptions & keyof ResolvedOptions>(
    name: Name,
    check: Check<ResolvedOptions[Name]>,
  ): ResolvedOptions[Name] =>
    own[name] === undefined ? inherited[name] : check(own[name], name, inherited[name]);
  return Object.freeze({
    timeout: resolveTimeouts(own.timeout, inherited.timeout),
    retry: resolveRetry(own.retry, inherited.retry),
    redirect: resolveRedirects(own.redirect, inherited.redirect),
    raiseForStatus: laid('raiseForStatus', flag),
    hooks: resolveHooks(own.hooks, inherited.hooks),
    decompress: laid('decompress', flag),
    maxResponseSize: laid('maxResponseSize', size),
    onUploadProgress: laid('onUploadProgress', listener),
    onDownloadProgress: laid('onDownloadProgress', listener),
    transport: resolveTransport(own, inherited.transport),
  });
};

const size: Check<number> = (value, name) =>
  value === null ? Number.POSITIVE_INFINITY : bytes(value, name, 0);

const bytes = accepting<number>('bytes of 0 or more, or null for no limit', isAtLeast0);

const listener = accepting<((progress: Progress) => void) | null>(
  'a function',
  (value) => value === null || isFunction(value),
  kindOf,
);

// The names that people bring along from requests, got, ky and axios.
const foreignNames: Readonly<Record<string, string>> = {
  data: 'form, json or body',
  files: 'multipart',
  allow_redirects: 'redirect',
  followRedirect: 'redirect',
  maxRedirects: 'redirect: { max }',
  verify: 'tls: { verify }',
  cert: 'tls: { cert, key }',
  proxies: 'proxy',
  searchParams: 'params',
  query: 'params',
  prefixUrl: 'baseUrl',
  prefix: 'baseUrl',
  baseURL: 'baseUrl',
  throwHttpErrors: 'raiseForStatus',
  cookieJar: 'cookies',
  jar: 'cookies',
  method: 'the method argument',
  agent: 'pool, tls or proxy',
  dispatcher: 'pool, tls or proxy',
};

const unknownOption = (name: string, kind: 'call' | 'session'): string => {
  const hint = Object.hasOwn(foreignNames, name) ? `; httpsession has ${foreignNames[name]}` : '';
  if (kind === 'call' && name === 'origins') return 'origins is an option of the session, not of a call';
  return `${JSON.stringify(name.slice(0, 60))} is not an option of a ${kind}${hint}`;
};
