// Control characters and lone surrogates: RFC 8265 4.2 keeps them out of passwords, RFC 7617 2 out of both fields.
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u;

/**
 * Checks a user name or password without ever showing it.
 *
 * @throws {TypeError} naming `name` when it is no string or has control characters or lone surrogates
 */
export function checkSecretText(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') {
    throw new TypeError(`${name} must be a string, got ${value === null ? 'null' : typeof value}`);
  }
  if (FORBIDDEN.test(value)) {
    throw new TypeError(`${name} must not contain control characters or lone surrogates`);
  }
}
