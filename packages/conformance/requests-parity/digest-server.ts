import { createHash } from 'node:crypto';
import type { RecordedRequest, ScriptFunction } from '@httpsession/testing';

/** How a server asks for Digest. */
export interface DigestDemand {
  /** The WWW-Authenticate lines in place of the one that the other settings make. */
  readonly challenges?: readonly string[];
  readonly algorithm?: string;
  readonly qop?: string;
  readonly realm?: string;
  readonly nonce?: string;
  /** Headers of the 401. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Answers in place of 200. */
  readonly accepted?: { readonly status: number; readonly headers?: readonly (readonly [string, string])[] };
  readonly password?: string;
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  SHA: 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
  'SHA-512-256': 'sha512-256',
};

/**
 * A server that asks for Digest and judges the answer (RFC 7616 3.4.1): 200 with the body it got, else 401 and its
 * challenge. User `u`, password `p` unless told otherwise.
 */
export const digestGate =
  (demand: DigestDemand = {}): ScriptFunction =>
  async (exchange) => {
    const { realm = 'r', nonce = 'n1', algorithm, qop = 'auth', headers = [], accepted } = demand;
    const own = `Digest realm="${realm}", nonce="${nonce}"${qop === '' ? '' : `, qop="${qop}"`}, opaque="o"${
      algorithm === undefined ? '' : `, algorithm=${algorithm}`
    }`;
    const challenges = (demand.challenges ?? [own]).map((line): [string, string] => [
      'www-authenticate',
      line,
    ]);
    const body = await exchange.body();
    const { request } = exchange;
    if (isRight(request, body, demand.challenges === undefined ? nonce : undefined, demand.password ?? 'p')) {
      return exchange.respond({
        status: accepted?.status ?? 200,
        headers: [...(accepted?.headers ?? [])],
        body: `let in with ${body.toString()}`,
      });
    }
    return exchange.respond({ status: 401, headers: [...challenges, ...headers], body: 'denied' });
  };

const isRight = (
  request: RecordedRequest,
  body: Buffer,
  wantedNonce: string | undefined,
  password: string,
): boolean => {
  const authorization = request.header('authorization');
  if (authorization === undefined || !/^digest /i.test(authorization)) return false;
  const fields: Record<string, string> = {};
  for (const [, name = '', quoted, bare] of authorization.matchAll(
    /([\w*]+)=(?:"((?:\\.|[^"\\])*)"|([^,\s]*))/g,
  ))
    fields[name.toLowerCase()] = quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1');
  const {
    username = '',
    realm = '',
    nonce = '',
    uri = '',
    response,
    qop,
    nc,
    cnonce = '',
    algorithm = 'MD5',
  } = fields;
  const name = HASHES[algorithm.replace(/-sess$/i, '').toUpperCase()];
  if (name === undefined || uri !== request.target || nonce !== (wantedNonce ?? nonce)) return false;
  const hash = (text: string | Buffer): string => createHash(name).update(text).digest('hex');
  let first = hash(`${username}:${realm}:${password}`);
  if (/-sess$/i.test(algorithm)) first = hash(`${first}:${nonce}:${cnonce}`);
  const second = hash(
    qop === 'auth-int' ? `${request.method}:${uri}:${hash(body)}` : `${request.method}:${uri}`,
  );
  const whole = qop === undefined ? [first, nonce, second] : [first, nonce, nc, cnonce, qop, second];
  return hash(whole.join(':')) === response;
};
