import type { BodySource } from '@httpsession/core';

/** A body that can be read by chunks or by number of bytes, and given back what was too much. */
export class ChunkInput {
  readonly #source: BodySource;
  #returned: Uint8Array | null = null;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** The next bytes, `null` at the end. */
  read(): Uint8Array | null | Promise<Uint8Array | null> {
    const returned = this.#returned;
    this.#returned = null;
    return returned ?? this.#source.read();
  }

  /** Puts bytes back, in front of what comes. */
  unread(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#returned = this.#returned === null ? bytes : Buffer.concat([bytes, this.#returned]);
  }

  /** So many bytes, fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const chunk = await this.read();
      if (chunk === null) break;
      parts.push(chunk.subarray(0, missing));
      this.unread(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.byteLength);
    }
    return Buffer.concat(parts);
  }

  /** Reads what is left, up to `limit` bytes, so that the connection can be used again; more is given up with it. */
  async finish(limit: number): Promise<void> {
    let size = 0;
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) {
      size += chunk.byteLength;
      if (size > limit) this.#source.cancel();
    }
  }
}
