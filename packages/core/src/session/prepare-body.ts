import type { CallOptions } from '../options/call-options.ts';
import { noOptions, type ResolvedOptions } from '../options/resolve-options.ts';
import type { HeaderList } from '../request/header-list.ts';
import { encodeBody, formBody, jsonBody, multipartBody, type RequestBody } from '../request/request-body.ts';
import { uploadProgress } from '../request/upload-progress.ts';

/**
 * The body of a call, `null` for none.
 * @throws {TypeError} for more than one of `json`, `form`, `multipart` and `body`, and for values that cannot be sent
 */
export const prepareBody = (
  own: CallOptions,
  method: string,
  headers: HeaderList,
  options: ResolvedOptions,
): RequestBody | null => {
  if (own === noOptions) return null;
  const given = bodyOptions.filter(
    // null is a JSON value; for the others it means none.
    (name) => own[name] !== undefined && (name === 'json' || own[name] !== null),
  );
  const [only] = given;
  if (only === undefined) return null;
  if (given.length > 1)
    throw new TypeError(`only one of json, form, multipart and body can be sent, got ${given.join(' and ')}`);
  if (method === 'TRACE')
    throw new TypeError(`${only} must not be given: TRACE has no body (RFC 9110 9.3.8)`);
  const body = encode(own, headers);
  return options.onUploadProgress === null ? body : uploadProgress(body, options.onUploadProgress);
};

const bodyOptions = ['json', 'form', 'multipart', 'body'] as const;

const encode = (own: CallOptions, headers: HeaderList): RequestBody => {
  if (own.json !== undefined) return jsonBody(own.json);
  if (own.form != null) return formBody(own.form);
  if (own.multipart != null) {
    const boundary = /;\s*boundary="?([^";]+)"?/i.exec(headers.get('content-type') ?? '')?.[1];
    return multipartBody(own.multipart, boundary);
  }
  return encodeBody(own.body ?? '');
};
