import { brand } from '../error-brand.ts';
import { redactUrl } from '../redact.ts';
import { AuthError } from './auth-error.ts';

/** What an {@link OAuth2Error} is made of. */
export interface OAuth2ErrorDetails {
  readonly tokenUrl: string;
  readonly status: number;
  readonly error: string | null;
  readonly description: string | null;
  /** Texts that must not appear in the message, whatever the server put into it. */
  readonly secrets: readonly (string | null)[];
}

/** The token endpoint gave no token (RFC 6749 5.2). */
export class OAuth2Error extends AuthError {
  /** The status of its answer. */
  readonly status: number;
  /** Its error code, such as `invalid_grant`; `null` when the answer had none. */
  readonly error: string | null;
  /** Its explanation for developers. */
  readonly errorDescription: string | null;

  constructor({ tokenUrl, status, error, description, secrets }: OAuth2ErrorDetails) {
    const safe = (text: string | null): string | null => (text === null ? null : redact(text, secrets));
    const reason = [safe(error) ?? 'no token', safe(description)].filter((text) => text !== null).join(': ');
    super(`POST ${redactUrl(tokenUrl)}: answered ${status}, ${reason}`, undefined, 'ERR_OAUTH2');
    this.status = status;
    this.error = safe(error);
    this.errorDescription = safe(description);
  }
}

brand(OAuth2Error, 'OAuth2Error');

// RFC 6749 5.2 allows visible ASCII only. Servers echo what they were sent.
const redact = (text: string, secrets: readonly (string | null)[]): string => {
  let safe = text;
  for (const secret of secrets) if (secret !== null && secret !== '') safe = safe.replaceAll(secret, '***');
  return safe.replace(/[^ -~]/g, '?').slice(0, 300);
};
