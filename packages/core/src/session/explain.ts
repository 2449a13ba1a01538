import type { CallOptions, SessionOptions } from '../options/call-options.ts';
import { redactUrl } from '../redact.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionDefaults } from './prepare.ts';

/** Which settings an option's value came from, the strongest first. */
export type OptionSource = 'call' | 'session' | 'environment' | 'default';

/** One effective option. */
export interface ExplainedOption {
  readonly value: unknown;
  readonly source: OptionSource;
}

/** What a call would do, without secrets: header values other than plain ones are shown as `…`. */
export interface Explanation {
  readonly method: string;
  readonly url: string;
  readonly transport: string;
  readonly headers: Readonly<Record<string, ExplainedOption>>;
  readonly options: Readonly<Record<string, ExplainedOption>>;
  /** Whether a credential applies, and whose. */
  readonly auth: OptionSource | 'url' | 'none';
}

/** requests' `merge_environment_settings` for debugging: every effective setting and where it came from. */
export const explainCall = (
  session: SessionDefaults,
  request: PreparedRequest,
  call: CallOptions | undefined,
  given: SessionOptions,
): Explanation => {
  const sourceOf = (name: keyof CallOptions & keyof SessionOptions): OptionSource =>
    call?.[name] !== undefined ? 'call' : given[name] !== undefined ? 'session' : 'default';
  const { options } = request;
  const explained: Record<string, ExplainedOption> = Object.create(null);
  for (const name of ['timeout', 'redirect', 'raiseForStatus', 'decompress', 'maxResponseSize'] as const) {
    explained[name] = { value: options[name], source: sourceOf(name) };
  }
  explained.retry = { value: { limit: options.retry.limit }, source: sourceOf('retry') };
  const transport = session.transportFor(request.target);
  for (const [name, found] of Object.entries(transport.explain?.(request) ?? {})) explained[name] = found;
  for (const name of Object.keys(options.transport) as (keyof typeof options.transport)[]) {
    explained[name] ??= {
      value: name === 'tls' || name === 'proxy' ? '…' : options.transport[name],
      source: sourceOf(name),
    };
  }
  return {
    method: request.method,
    url: redactUrl(request.url),
    transport: transport.name,
    headers: explainHeaders(session, request, call),
    options: explained,
    auth: authSource(session, request, call),
  };
};

const explainHeaders = (
  session: SessionDefaults,
  request: PreparedRequest,
  call: CallOptions | undefined,
): Record<string, ExplainedOption> => {
  const headers: Record<string, ExplainedOption> = Object.create(null);
  const defaults = session.defaultHeaders();
  for (const [name, value] of request.headers.toPairs()) {
    const lower = name.toLowerCase();
    const inherited = defaults.get(lower) === value;
    const builtIn =
      inherited && (lower === 'accept' || lower === 'user-agent') && isDefault(session, lower, value);
    headers[lower] = {
      value: shownHeaders.has(lower) ? value : '…',
      source: builtIn ? 'default' : inherited ? 'session' : call === undefined ? 'default' : 'call',
    };
  }
  return headers;
};

const isDefault = (session: SessionDefaults, name: string, value: string): boolean =>
  name === 'accept' ? value === '*/*' : value === session.platform.userAgent;

// An allow list, as everywhere that secrets might be shown.
const shownHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-type',
  'range',
  'user-agent',
]);

const authSource = (
  session: SessionDefaults,
  request: PreparedRequest,
  call: CallOptions | undefined,
): Explanation['auth'] => {
  const auth = request.call.authFor(request.origin);
  if (auth === null) return request.headers.has('authorization') ? 'call' : 'none';
  if (call?.auth !== undefined) return 'call';
  if (auth === session.auth) return 'session';
  return session.netrc() === auth ? 'environment' : 'url';
};
