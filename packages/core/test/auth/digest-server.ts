import { createHash } from 'node:crypto';
import type { AuthResponse } from '../../src/auth/auth.ts';
import { type FakeRequest, reply } from './fake-exchange.ts';

/** How a {@link DigestServer} challenges. */
export interface DigestServerOptions {
  readonly user?: string;
  readonly password?: string;
  readonly realm?: string;
  readonly algorithm?: string | null;
  readonly qop?: string | null;
  readonly opaque?: string | null;
  readonly userhash?: boolean;
  readonly domain?: string;
  /** Answers a nonce takes before it is stale. */
  readonly uses?: number;
  /** Gives each challenge the same nonce. */
  readonly nonce?: string;
  /** What `Authentication-Info` carries. */
  readonly proves?: 'right' | 'wrong';
  readonly nextNonce?: boolean;
}

/**
 * A Digest server written from RFC 7616 on node:crypto, sharing no code with the client.
 *
 * It insists on the exact syntax of section 3.4, on a count that no request of a nonce repeats, and on its own opaque.
 */
export class DigestServer {
  readonly options: DigestServerOptions;
  /** Every message that arrived, with what the server thought of it. */
  readonly seen: {
    readonly request: FakeRequest;
    readonly verdict: string;
    readonly fields: Map<string, string>;
  }[] = [];
  readonly #counts = new Map<string, Set<string>>();
  readonly #firstCnonce = new Map<string, string>();
  #made = 0;

  constructor(options: DigestServerOptions = {}) {
    this.options = {
      user: 'Mufasa',
      password: 'Circle of Life',
      realm: 'lions',
      opaque: 'o"p\\q',
      ...options,
    };
  }

  readonly handle = (request: FakeRequest): AuthResponse => {
    const fields = parseAuthorization(request.header('authorization'));
    const verdict = this.#judge(request, fields);
    this.seen.push({ request, verdict, fields });
    if (verdict === 'ok') return reply(200, this.#info(request, fields));
    return reply(401, { 'www-authenticate': this.challenge(verdict === 'stale') });
  };

  /** The verdicts so far. */
  get verdicts(): string[] {
    return this.seen.map(({ verdict }) => verdict);
  }

  challenge(stale = false): string {
    const { realm, algorithm = null, qop = 'auth', opaque, userhash, domain } = this.options;
    const fields = [`realm=${quote(realm ?? '')}`, `nonce=${quote(this.#nonce())}`];
    if (qop !== null) fields.push(`qop="${qop}"`);
    if (algorithm !== null) fields.push(`algorithm=${algorithm}`);
    if (opaque != null) fields.push(`opaque=${quote(opaque)}`);
    if (domain !== undefined) fields.push(`domain="${domain}"`);
    if (stale) fields.push('stale=true');
    if (userhash) fields.push('charset=UTF-8', 'userhash=true');
    return `Digest ${fields.join(', ')}`;
  }

  #nonce(): string {
    const nonce = this.options.nonce ?? `n"${++this.#made}`;
    if (!this.#counts.has(nonce)) this.#counts.set(nonce, new Set());
    return nonce;
  }

  hash(text: string | Uint8Array): string {
    const name = (this.options.algorithm ?? 'MD5').toLowerCase().replace(/-sess$/, '');
    return createHash(name === 'md5' ? 'md5' : name === 'sha-256' ? 'sha256' : 'sha512-256')
      .update(text)
      .digest('hex');
  }

  #response(method: string, fields: Map<string, string>, bodyHash: string): string {
    const { user = '', password = '', realm = '' } = this.options;
    const field = (name: string): string => fields.get(name) ?? '';
    let key = this.hash(`${user.normalize('NFC')}:${realm}:${password.normalize('NFC')}`);
    if (/-sess$/i.test(this.options.algorithm ?? '')) {
      key = this.hash(
        `${key}:${this.#firstNonce(field('nonce'))}:${this.#firstCnonce.get(field('nonce')) ?? field('cnonce')}`,
      );
    }
    const qop = field('qop');
    const a2 = `${method}:${field('uri')}${qop === 'auth-int' ? `:${bodyHash}` : ''}`;
    const middle = qop === '' ? field('nonce') : `${field('nonce')}:${field('nc')}:${field('cnonce')}:${qop}`;
    return this.hash(`${key}:${middle}:${this.hash(a2)}`);
  }

  // A nonce given by nextnonce goes on with the key of the challenge before it.
  #firstNonce(nonce: string): string {
    return this.#heir.get(nonce) ?? nonce;
  }
  readonly #heir = new Map<string, string>();

  #judge(request: FakeRequest, fields: Map<string, string>): string {
    const { user = '', realm = '', algorithm = null, qop = 'auth', opaque, userhash, uses } = this.options;
    if (fields.size === 0) return 'plain';
    const nonce = fields.get('nonce') ?? '';
    const counts = this.#counts.get(nonce);
    if (!counts) return 'unknown nonce';
    if (fields.get('realm') !== realm) return 'realm';
    if ((fields.get('opaque') ?? null) !== (opaque ?? null)) return 'opaque';
    if ((fields.get('algorithm') ?? null) !== algorithm) return 'algorithm';
    const { pathname, search } = new URL(request.url);
    if (fields.get('uri') !== pathname + search) return 'uri';
    const named = userhash
      ? fields.get('userhash') === 'true' && fields.get('username') === this.hash(`${user}:${realm}`)
      : (fields.get('username') ?? decodeExtended(fields.get('username*'))) === user.normalize('NFC');
    if (!named) return 'username';
    if (qop === null) {
      if (fields.has('nc') || fields.has('qop')) return 'qop without offer';
    } else {
      if (!qop.split(/\s*,\s*/).includes(fields.get('qop') ?? '')) return 'qop';
      const count = fields.get('nc') ?? '';
      if (!/^[0-9a-f]{8}$/.test(count) || counts.has(count)) return `nc ${count} repeats`;
      if (counts.size >= (uses ?? Number.POSITIVE_INFINITY)) return 'stale';
      counts.add(count);
    }
    if (!this.#firstCnonce.has(nonce)) this.#firstCnonce.set(nonce, fields.get('cnonce') ?? '');
    return fields.get('response') === this.#response(request.method, fields, this.hash(request.body ?? ''))
      ? 'ok'
      : 'response';
  }

  #info(_request: FakeRequest, fields: Map<string, string>): Record<string, string> {
    const parts: string[] = [];
    const nonce = fields.get('nonce') ?? '';
    if (this.options.proves) {
      const right = this.#response('', fields, this.hash(''));
      parts.push(
        `rspauth="${this.options.proves === 'right' ? right : right.replace(/./g, '0')}"`,
        `nc=${fields.get('nc')}`,
      );
    }
    if (this.options.nextNonce) {
      const next = this.#nonce();
      this.#heir.set(next, this.#firstNonce(nonce));
      this.#firstCnonce.set(next, this.#firstCnonce.get(nonce) ?? '');
      parts.push(`nextnonce=${quote(next)}`);
    }
    return parts.length > 0 ? { 'authentication-info': parts.join(', ') } : {};
  }
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

const decodeExtended = (value: string | undefined): string | undefined =>
  value?.startsWith("UTF-8''") ? decodeURIComponent(value.slice(7)) : undefined;

// RFC 7616 3.4: which values are quoted-strings and which tokens.
const QUOTED = new Set(['username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'opaque']);

/** Reads a Digest `Authorization` header, refusing what section 3.4 does not allow. */
export const parseAuthorization = (value: string | undefined): Map<string, string> => {
  const fields = new Map<string, string>();
  if (value === undefined) return fields;
  if (!value.startsWith('Digest ')) throw new Error(`not Digest: ${value}`);
  const pattern = /([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))(?:, |$)/gy;
  pattern.lastIndex = 'Digest '.length;
  while (pattern.lastIndex < value.length) {
    const match = pattern.exec(value);
    if (!match) throw new Error(`malformed: ${value}`);
    const [, name = '', quoted, token] = match;
    if (QUOTED.has(name) !== (quoted !== undefined)) throw new Error(`${name} is quoted wrongly: ${value}`);
    if (fields.has(name)) throw new Error(`${name} is repeated: ${value}`);
    fields.set(name, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return fields;
};
