import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a partial file holds the beginning of. */
export interface Version {
  readonly url: string;
  /** For `If-Range`. */
  readonly validator: string;
  /** `Last-Modified`, where it is told: for parts that name no tag. */
  readonly modified: string | null;
}

/**
 * A file on its way: written beside its target, and renamed to it when it is complete and on the disk. Until then nothing is at the target
 * but what was there before.
 */
export class PartialFile {
  readonly #target: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Kept when the download fails, with a note of what it is the beginning of. */
  readonly #isKept: boolean;
  #isNoted = false;
  #position = 0;

  private constructor(target: string, path: string, handle: FileHandle, isKept: boolean) {
    this.#target = target;
    this.#path = path;
    this.#handle = handle;
    this.#isKept = isKept;
  }

  /** @param kept - whether it can be continued by a later process: then its name is fixed, `<target>.part` */
  static async open(target: string, kept: boolean): Promise<PartialFile> {
    const path = kept
      ? `${target}.part`
      : join(dirname(target), `.${basename(target).slice(0, 100)}.${randomUUID()}.part`);
    const handle = kept ? await openOrCreate(path) : await open(path, 'wx');
    return new PartialFile(target, path, handle, kept);
  }

  /** Bytes that are there. */
  get position(): number {
    return this.#position;
  }

  /** Goes on behind what an earlier process has left of this version; returns how much that is. */
  async continue(version: Version): Promise<number> {
    if (!this.#isKept || !sameNote(await this.#readNote(), noteOf(version))) return 0;
    this.#position = (await this.#handle.stat()).size;
    this.#isNoted = true;
    return this.#position;
  }

  /** Begins anew with a version, `null` for one that could not be continued. */
  async restart(version: Version | null): Promise<void> {
    // In this order: at no moment does a note stand beside bytes of another version.
    await this.#removeNote();
    await this.#handle.truncate(0);
    this.#position = 0;
    if (!this.#isKept || version === null) return;
    await writeFile(this.#notePath, JSON.stringify(noteOf(version)), { mode: 0o600 });
    this.#isNoted = true;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; ) {
      const { bytesWritten } = await this.#handle.write(chunk, at, chunk.byteLength - at, this.#position);
      at += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  /** Puts the file in its place, in one step. */
  async commit(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#path, this.#target);
    await this.#removeNote();
    await syncDirectory(dirname(this.#target));
  }

  /** Gives up. What can be continued stays, all else goes. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    if (this.#isKept && this.#isNoted && this.#position > 0) return;
    await rm(this.#path, { force: true });
    await this.#removeNote();
  }

  get #notePath(): string {
    return `${this.#path}.json`;
  }

  async #readNote(): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.#notePath, 'utf8'));
    } catch {
      // No note, or half of one: what is there cannot be told apart from another version.
      return null;
    }
  }

  async #removeNote(): Promise<void> {
    this.#isNoted = false;
    if (this.#isKept) await rm(this.#notePath, { force: true });
  }
}

interface Note {
  /** A hash: query strings hold keys and signatures. */
  readonly url: string;
  readonly validator: string;
}

const noteOf = ({ url, validator }: Version): Note => ({
  url: createHash('sha256').update(url).digest('hex'),
  validator,
});

const sameNote = (found: unknown, wanted: Note): boolean => {
  const { url, validator } = Object(found) as Partial<Note>;
  return url === wanted.url && validator === wanted.validator;
};

const openOrCreate = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'ENOENT') throw error;
    return open(path, 'wx+');
  }
};

/** The rename itself must survive a power cut, where the system can promise that. */
const syncDirectory = async (path: string): Promise<void> => {
  try {
    const directory = await open(path, 'r');
    await directory.sync().finally(() => directory.close());
  } catch {
    // Windows and some network file systems cannot; the file is in its place all the same.
  }
};
