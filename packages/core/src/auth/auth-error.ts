import { brand } from '../error-brand.ts';
import { type ErrorDetails, SessionError } from '../errors.ts';

/** A credential could not be renewed, or the server did not prove that it knows it. */
export class AuthError extends SessionError {
  constructor(message: string, details?: ErrorDetails, code = 'ERR_AUTH') {
    super(code, message, details);
  }
}

brand(AuthError, 'AuthError');
