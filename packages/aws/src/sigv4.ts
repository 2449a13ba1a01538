import { type Auth, type AuthRequest, type HeaderList, RequestError } from '@httpsession/core';
import { AwsV4Signer } from 'aws4fetch';

/** An access key of AWS, or of a service that speaks its language. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** Whose signature, and for what. */
export interface SigV4Options extends AwsCredentials {
  /** Such as `eu-central-1`; `auto` for Cloudflare R2. */
  readonly region: string;
  /** Such as `s3`, `execute-api` or `dynamodb`. */
  readonly service: string;
  /**
   * `'unsigned'` leaves the body out of the signature, so that it need not be in memory and may be a one-shot stream. For S3 over https alone:
   * there TLS protects the body.
   * @defaultValue 'signed'
   */
  readonly payload?: 'signed' | 'unsigned' | undefined;
  /** Origins that the signature may be sent to. @defaultValue the session's own rule */
  readonly origins?: readonly string[] | undefined;
  /** The time of the signature. @defaultValue now */
  readonly now?: (() => Date) | undefined;
}

/**
 * AWS Signature Version 4, in the Authorization header. Each attempt is signed afresh, with its own date.
 *
 * Signed are the method, the URL, the host, every `x-amz-*` header and the body. A body that is not in memory is read once to be hashed.
 *
 * @throws {TypeError} naming the option that is missing or wrong
 */
export function sigv4(options: SigV4Options): Auth {
  const settings = check(options);
  // Keys derived for a day, region and service.
  const keys = new Map<string, ArrayBuffer>();
  return {
    ...(settings.origins !== undefined && { origins: settings.origins }),
    sign: (request) => signed(request, settings, keys),
  };
}

const signed = async <Request extends AuthRequest>(
  request: Request,
  settings: SigV4Options,
  keys: Map<string, ArrayBuffer>,
): Promise<Request> => {
  const { accessKeyId, secretAccessKey, sessionToken, region, service, now } = settings;
  if (request.header('host') !== undefined && request.header('host') !== new URL(request.url).host) {
    // The signature covers the URL's host: the server would find another one.
    throw new RequestError('a Host header other than the URL cannot be signed');
  }
  const isS3 = service === 's3';
  const isUnsigned = settings.payload === 'unsigned';
  if (isUnsigned && !request.url.startsWith('https:')) {
    throw new RequestError('payload: unsigned is for https alone: the body could be changed on its way');
  }
  const body = isUnsigned ? null : await request.bodyBytes();
  const headers = new Headers(ownAmzHeaders(request));
  if (isS3) headers.set('x-amz-content-sha256', isUnsigned ? 'UNSIGNED-PAYLOAD' : await sha256(body));
  if (keys.size >= mostKeys) keys.clear();
  const result = await new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers,
    ...(body !== null && { body: body as Uint8Array<ArrayBuffer> }),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    region,
    service,
    datetime: amzDate(now?.() ?? new Date()),
    cache: keys,
  }).sign();
  let signedRequest = request;
  for (const [name, value] of result.headers) signedRequest = signedRequest.withHeader(name, value);
  return signedRequest;
};

// A day, a region and a service each: a process that runs for years does not collect them.
const mostKeys = 50;

/** AWS wants every `x-amz-*` header signed. Those that a former signature has left are made anew. */
const ownAmzHeaders = (request: AuthRequest): [string, string][] => {
  const { headers } = request as AuthRequest & { readonly headers?: HeaderList };
  return (headers?.toPairs() ?? [])
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => name.startsWith('x-amz-') && !made.has(name));
};

const made: ReadonlySet<string> = new Set(['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']);

const amzDate = (time: Date): string => time.toISOString().replace(/[:-]|\.\d{3}/g, '');

const sha256 = async (bytes: Uint8Array | null): Promise<string> => {
  const hash = await crypto.subtle.digest('SHA-256', (bytes ?? new Uint8Array()) as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
};

const names: ReadonlySet<string> = new Set<keyof SigV4Options>([
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'region',
  'service',
  'payload',
  'origins',
  'now',
]);

const check = (options: SigV4Options): SigV4Options => {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `sigv4: options must be an object, got ${options === null ? 'null' : typeof options}`,
    );
  }
  const own: SigV4Options = Object.assign(Object.create(null), options);
  for (const name of Object.keys(own)) {
    if (!names.has(name)) throw new TypeError(`sigv4: ${name} is not an option`);
  }
  for (const name of ['accessKeyId', 'secretAccessKey', 'region', 'service'] as const) {
    checkText(own[name], name);
  }
  if (own.sessionToken !== undefined) checkText(own.sessionToken, 'sessionToken');
  if (own.payload !== undefined && own.payload !== 'signed' && own.payload !== 'unsigned')
    throw new TypeError(`sigv4: payload must be 'signed' or 'unsigned', got ${JSON.stringify(own.payload)}`);
  if (own.payload === 'unsigned' && own.service !== 's3')
    throw new TypeError(`sigv4: payload: 'unsigned' is for the service s3, got ${own.service}`);
  if (own.now !== undefined && typeof own.now !== 'function')
    throw new TypeError(`sigv4: now must be a function, got ${typeof own.now}`);
  return own;
};

// The value itself may be a secret: only its kind is shown.
const checkText = (value: unknown, name: string): void => {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return;
  const got = typeof value === 'string' ? 'one that is empty or has other characters' : typeof value;
  throw new TypeError(`sigv4: ${name} must be text of visible ASCII characters, got ${got}`);
};
