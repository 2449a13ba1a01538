import { SessionError, type SessionResponse, TimeoutError } from 'httpsession';

/** A response as both sides tell it. */
export interface Seen {
  readonly status: number;
  readonly finalUrl: string;
  readonly history: readonly number[];
  readonly body: string;
}

/** Reads a response to its end and tells it as Python's `seen()` does. */
export const seen = async (pending: SessionResponse | PromiseLike<SessionResponse>): Promise<Seen> => {
  const response = await pending;
  return {
    status: response.status,
    finalUrl: response.finalUrl,
    history: response.history.filter(({ tag }) => tag !== 'retry').map(({ status }) => status),
    body: await response.text(),
  };
};

/** The family of the failure, or `'none'` with what came instead. */
export const failure = async (operation: () => unknown): Promise<string> => {
  try {
    const result = await operation();
    return isResponse(result) ? `none: ${result.status}` : 'none';
  } catch (error) {
    return familyOf(error);
  }
};

const isResponse = (value: unknown): value is SessionResponse =>
  typeof value === 'object' && value !== null && 'status' in value;

/** One vocabulary for the errors of both sides; Python's half of it is in oracle.py. */
export const familyOf = (error: unknown): string => {
  if (error instanceof TimeoutError) return `timeout:${error.phase}`;
  if (SessionError.is(error)) return families[error.name] ?? error.name;
  return error instanceof TypeError ? 'type-error' : `leak:${(error as Error).name}`;
};

const families: Readonly<Record<string, string>> = {
  InvalidURLError: 'invalid-url',
  InvalidHeaderError: 'invalid-header',
  InvalidCookieError: 'invalid-cookie',
  UnreplayableBodyError: 'unreplayable',
  UnsupportedOptionError: 'unsupported',
  SessionClosedError: 'closed',
  ConnectionError: 'connection',
  ProxyError: 'proxy',
  TLSError: 'tls',
  RedirectError: 'redirect',
  TooManyRedirectsError: 'too-many-redirects',
  UnsafeRedirectError: 'unsafe-redirect',
  HTTPError: 'http-status',
  RetryError: 'retries-exhausted',
  JSONDecodeError: 'json',
  DecodingError: 'decoding',
  IncompleteBodyError: 'incomplete-body',
  BodyTooLargeError: 'body-too-large',
};
