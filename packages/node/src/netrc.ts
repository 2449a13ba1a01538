import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type Auth,
  type AuthRequest,
  basicAuthorization,
  findNetrc,
  knownOptions,
  type NetrcEntry,
  parseNetrc,
} from '@httpsession/core';

/** Options of {@link netrc}. */
export interface NetrcOptions {
  /**
   * The file to read; `~/` is the home directory. It must exist.
   * @defaultValue `NETRC` of the environment, else `~/.netrc`, else `~/_netrc`; none of them has to exist
   */
  readonly path?: string;
  /**
   * Told once per file that others can read although it holds passwords, or that cannot be read.
   * @defaultValue `process.emitWarning`
   */
  readonly onWarning?: (message: string) => void;
}

/**
 * Basic credentials from a netrc file, by the exact host of the request.
 *
 * The file is read at the first request and again when it changes. An `Authorization` header that is already
 * there stays. The session asks only for the origin that a call was made to, so neither a host's entry nor the
 * `default` entry ever reaches a redirect target.
 *
 * @throws {TypeError} for a path that is no non-empty string
 */
export function netrc(options: NetrcOptions = {}): Auth {
  const { path, onWarning = warn } = knownOptions('netrc', options, { path: true, onWarning: true });
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    throw new TypeError(`netrc path must be a non-empty string, got ${path === '' ? '""' : typeof path}`);
  }
  const file = new NetrcFile(path, onWarning);
  return {
    async sign(request: AuthRequest): Promise<AuthRequest> {
      if (request.header('authorization') !== undefined) return request;
      const entry = findNetrc(await file.entries(), new URL(request.url).hostname);
      // An entry without a password names the host so that `default` is not used for it.
      if (entry?.password === undefined) return request;
      const user = entry.login ?? entry.account ?? '';
      return request.withHeader('authorization', basicAuthorization(user, entry.password));
    },
  };
}

const warn = (message: string): void => process.emitWarning(message, { type: 'NetrcWarning' });

/** One netrc file, read again only when it changed. */
class NetrcFile {
  readonly #path: string | undefined;
  readonly #onWarning: (message: string) => void;
  #stamp = '';
  #entries: readonly NetrcEntry[] = [];

  constructor(path: string | undefined, onWarning: (message: string) => void) {
    this.#path = path;
    this.#onWarning = onWarning;
  }

  async entries(): Promise<readonly NetrcEntry[]> {
    for (const path of this.#candidates()) {
      try {
        const { mtimeMs, size, ino, mode } = await stat(path);
        const stamp = `${path}:${mtimeMs}:${size}:${ino}:${mode}`;
        if (stamp === this.#stamp) return this.#entries;
        const entries = parseNetrc(await readFile(path, 'utf8'));
        this.#entries = entries;
        this.#stamp = stamp;
        this.#checkMode(path, mode);
        return entries;
      } catch (error) {
        this.#refuse(path, error);
      }
    }
    return [];
  }

  #candidates(): readonly string[] {
    const named = this.#path ?? process.env.NETRC;
    if (named) return [named.startsWith('~/') ? join(homedir(), named.slice(2)) : named];
    return ['.netrc', '_netrc'].map((name) => join(homedir(), name));
  }

  /** ftp refuses such a file, curl does not look; a warning breaks nothing and is seen. */
  #checkMode(path: string, mode: number): void {
    if (process.platform === 'win32' || (mode & 0o077) === 0) return;
    if (this.#entries.every(({ password }) => password === undefined)) return;
    this.#onWarning(
      `${path} holds passwords and others may read it (mode ${(mode & 0o777).toString(8)}, want 600)`,
    );
  }

  #refuse(path: string, error: unknown): void {
    if (this.#path !== undefined) throw error;
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    const stamp = `${path}:${String(code)}`;
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#entries = [];
    this.#onWarning(`${path} cannot be read (${String(code)})`);
  }
}
