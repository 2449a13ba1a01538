import type { CallOptions } from '../options/call-options.ts';
import { defaultOptions, type ResolvedOptions } from '../options/resolve-options.ts';
import { redactUrl } from '../redact.ts';
import { HeaderList } from '../request/header-list.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { resolveURL } from '../request/request-url.ts';
import { type CredentialSource, chooseCredential } from './credential.ts';
import { baseFor, type SessionDefaults } from './prepare.ts';

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
  /** Whose credential applies, `none` without one. Proxies and netrc are the environment's. */
  readonly auth: CredentialSource;
}

/** requests' `merge_environment_settings` for debugging: every effective setting and where it came from. */
export const explainCall = (
  session: SessionDefaults,
  request: PreparedRequest,
  url: string | URL,
  call: CallOptions,
): Explanation => {
  const transport = session.transportFor(request.target);
  const direct = resolveURL(url, baseFor(session, call));
  return {
    method: request.method,
    url: redactUrl(request.url),
    transport: transport.name,
    headers: explainHeaders(session, request, call),
    options: {
      ...explainPolicy(request.options, session.options, call),
      ...explainTransport(request, call),
      ...transport.explain?.(request),
    },
    auth: chooseCredential(session, call, HeaderList.from(call.headers), direct, request.target).source,
  };
};

const policies = [
  'timeout',
  'retry',
  'redirect',
  'raiseForStatus',
  'decompress',
  'maxResponseSize',
] as const satisfies readonly (keyof ResolvedOptions)[];

const explainPolicy = (
  effective: ResolvedOptions,
  inherited: ResolvedOptions,
  call: CallOptions,
): Record<string, ExplainedOption> => {
  const explained: Record<string, ExplainedOption> = Object.create(null);
  for (const name of policies) {
    const source =
      call[name] !== undefined ? 'call' : inherited[name] !== defaultOptions[name] ? 'session' : 'default';
    const value = name === 'retry' ? { limit: effective.retry.limit } : effective[name];
    explained[name] = { value, source };
  }
  return explained;
};

const explainTransport = (request: PreparedRequest, call: CallOptions): Record<string, ExplainedOption> => {
  const { transport } = request.options;
  const explained: Record<string, ExplainedOption> = Object.create(null);
  for (const name of Object.keys(transport) as (keyof typeof transport)[]) {
    explained[name] = {
      // A proxy's URL and TLS settings hold passwords and keys.
      value: name === 'tls' || name === 'proxy' ? '…' : transport[name],
      source: call[name] !== undefined ? 'call' : 'session',
    };
  }
  return explained;
};

const explainHeaders = (
  session: SessionDefaults,
  request: PreparedRequest,
  call: CallOptions,
): Record<string, ExplainedOption> => {
  const explained: Record<string, ExplainedOption> = Object.create(null);
  const ofSession = session.defaultHeaders();
  const ofCall = HeaderList.from(call.headers);
  for (const [name, value] of request.headers.toPairs()) {
    const lower = name.toLowerCase();
    explained[lower] = {
      value: shownHeaders.has(lower) ? value : '…',
      // What neither gave is the content type that the body implies.
      source:
        ofCall.has(lower) || !ofSession.has(lower)
          ? 'call'
          : isDefault(session, lower, value)
            ? 'default'
            : 'session',
    };
  }
  return explained;
};

const isDefault = (session: SessionDefaults, name: string, value: string): boolean =>
  (name === 'accept' && value === '*/*') || (name === 'user-agent' && value === session.platform.userAgent);

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
