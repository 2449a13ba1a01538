import { DecodingError } from '../errors.ts';
import type { SessionResponse } from '../response/session-response.ts';

// Nobody stacks more than two in earnest; twenty are an attack (CVE-2022-32206 and its kin).
const maxCodings = 5;

/**
 * The content codings that are left to undo, in the order in which they are to be undone.
 * @throws {DecodingError} for more than five
 */
export const codingsOf = (response: SessionResponse): readonly string[] => {
  const header = response.headers.get('content-encoding');
  if (header === null) return [];
  const codings = header
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > maxCodings)
    throw new DecodingError(`the body has ${codings.length} content codings`, { response });
  return codings.reverse();
};
