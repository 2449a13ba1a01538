import { FORM_CONTENT_TYPE } from '../request/form.ts';
import { OAuth2Error } from './oauth2-error.ts';

/** What a token endpoint answers (RFC 6749 5.1). */
export interface OAuth2Tokens {
  readonly accessToken: string;
  /** Milliseconds since the epoch; `null` when the server did not say. */
  readonly expiresAt: number | null;
  /** The refresh token to use from now on, when there is a new one. */
  readonly refreshToken: string | null;
  readonly scope: string | null;
}

/** The client as the token endpoint knows it. */
export interface OAuth2Client {
  readonly tokenUrl: string;
  readonly id: string;
  readonly secret: string | null;
  readonly auth: 'basic' | 'post';
}

/** The part of fetch that a token request needs. */
export type TokenFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Asks a token endpoint for tokens.
 *
 * @throws {OAuth2Error} when it answers anything but a bearer token
 */
export const requestTokens = async (
  { tokenUrl, id, secret, auth }: OAuth2Client,
  form: URLSearchParams,
  fetch: TokenFetch,
  signal: AbortSignal,
): Promise<OAuth2Tokens> => {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': FORM_CONTENT_TYPE,
  };
  if (secret !== null && auth === 'basic') {
    // RFC 6749 2.3.1: both are form-encoded before they are joined.
    headers.authorization = `Basic ${btoa(`${formEncode(id)}:${formEncode(secret)}`)}`;
  } else {
    form.set('client_id', id);
    if (secret !== null) form.set('client_secret', secret);
  }
  const asked = Date.now();
  // Not followed: the secret must not go elsewhere. `manual` because workerd has no `error`.
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers,
    body: form.toString(),
    redirect: 'manual',
    signal,
  });
  const answer = readAnswer(await response.text());
  const field = (name: string): unknown => (Object.hasOwn(answer, name) ? answer[name] : undefined);
  const textField = (name: string): string | null => {
    const value = field(name);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const refuse = (error: string | null): OAuth2Error =>
    new OAuth2Error({
      tokenUrl,
      status: response.status,
      error,
      description: textField('error_description'),
      secrets: [secret, form.get('refresh_token')],
    });

  if (!response.ok) throw refuse(textField('error'));
  const accessToken = textField('access_token');
  // Some servers answer 200 with an error in it.
  if (accessToken === null) throw refuse(textField('error'));
  // RFC 6749 7.1: a token of another type must not be used. Servers that leave the type out mean Bearer.
  const type = textField('token_type') ?? 'bearer';
  if (type.toLowerCase() !== 'bearer') throw refuse('unsupported_token_type');
  const lifetime = Number(field('expires_in') ?? Number.NaN);
  return {
    accessToken,
    expiresAt: lifetime >= 0 ? asked + lifetime * 1000 : null,
    refreshToken: textField('refresh_token'),
    scope: textField('scope'),
  };
};

const readAnswer = (body: string): Record<string, unknown> => {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? { ...answer } : {};
  } catch {
    return {}; // An error page: its status is all there is to tell.
  }
};

const formEncode = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1);
