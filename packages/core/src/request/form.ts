import { encodePairs, type ParamsInit } from './query.ts';

/**
 * The content type of an encoded form. No charset: RFC 1866 and the WHATWG define none, and some servers refuse one.
 */
export const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded';

/**
 * Encodes form fields as application/x-www-form-urlencoded, with the value rules of query parameters: arrays repeat
 * the name, `null` and `undefined` are left out, `''` is sent as `name=`.
 *
 * @throws {TypeError} naming the field whose value cannot be sent
 */
export const encodeForm = (init: ParamsInit): string => encodePairs('form', [init]);
