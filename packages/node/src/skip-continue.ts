import type { Socket } from 'node:net';

const start = Buffer.from('HTTP/1.1 100');
const end = Buffer.from('\r\n\r\n');
const longest = 16 * 1024;

/**
 * Takes `100 Continue` answers that nobody asked for out of what a socket reads.
 *
 * RFC 9110 15.2: a client must be able to parse and skip interim responses; undici skips 102 and 103, but fails the request on a 100.
 * The bytes are looked at only at the start of a response, told by `expectHead()`.
 */
export class ContinueSkipper {
  readonly #read: (size?: number) => Buffer | null;
  #atHead = false;
  #held: Buffer | null = null;

  constructor(socket: Socket) {
    this.#read = socket.read.bind(socket);
    socket.read = () => this.#next();
  }

  /** A request goes out: what comes next begins a response. */
  expectHead(): void {
    this.#atHead = true;
  }

  #next(): Buffer | null {
    const chunk = this.#read();
    if (!this.#atHead || chunk === null) return chunk;
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    while (beginsAlike(bytes)) {
      const at = bytes.indexOf(end);
      if (bytes.length < start.length || at === -1) {
        // A head that long is no interim response: let undici refuse it.
        if (bytes.length > longest) break;
        this.#held = bytes;
        return null;
      }
      bytes = bytes.subarray(at + end.length);
      if (bytes.length === 0) return this.#next();
    }
    this.#atHead = false;
    return bytes;
  }
}

const beginsAlike = (bytes: Buffer): boolean => {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
};
