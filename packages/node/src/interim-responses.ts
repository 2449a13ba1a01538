import type { Socket } from 'node:net';

/** How many interim responses may come before the response. RFC 9110 15.2 allows any number; more than these are an attack. */
export const maxInterimResponses: number = 100;
const longestHead = 64 * 1024;
const endOfHead = Buffer.from('\r\n\r\n');

/**
 * Takes 1xx responses, which may come at any time unasked (RFC 9110 15.2), out of what a socket reads.
 *
 * undici skips 102 and 103, but fails the request on a 100, and does not count. 101 is let through: unasked it is an error.
 * The bytes are looked at only at the start of a response, told by `expectHead()`.
 */
export class InterimSkipper {
  readonly #socket: Socket;
  readonly #read: (size?: number) => Buffer | null;
  #atHead = false;
  #held: Buffer | null = null;
  #skipped = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#read = socket.read.bind(socket);
    // Node's own `read(0)` only asks the system for more, and must not take anything out.
    socket.read = (size) => (size === undefined ? this.#next() : this.#read(size));
  }

  /** A request goes out: what comes next begins a response. */
  expectHead(): void {
    this.#atHead = true;
    this.#skipped = 0;
  }

  /** Whether the server has begun to answer, with bytes that undici has not seen. */
  get hasAnswer(): boolean {
    return this.#held !== null || this.#skipped > 0;
  }

  #next(): Buffer | null {
    const chunk = this.#read();
    if (!this.#atHead || chunk === null) return chunk;
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    for (;;) {
      const kind = kindOfHead(bytes);
      if (kind === 'other') {
        this.#atHead = false;
        return bytes;
      }
      const end = kind === 'interim' ? bytes.indexOf(endOfHead) : -1;
      if (end === -1) return this.#hold(bytes);
      this.#skipped += 1;
      if (this.#skipped > maxInterimResponses) return this.#refuse();
      bytes = bytes.subarray(end + endOfHead.length);
      if (bytes.length === 0) return this.#next();
    }
  }

  #hold(bytes: Buffer): null {
    if (bytes.length > longestHead) return this.#refuse();
    this.#held = bytes;
    return null;
  }

  #refuse(): null {
    this.#socket.destroy(new InterimResponsesError());
    return null;
  }
}

/** The server sent interim responses without end, in number or in length. */
class InterimResponsesError extends Error {
  readonly code = 'ERR_INTERIM_RESPONSES';

  constructor() {
    super(`more than ${maxInterimResponses} interim responses`);
  }
}

/** `open` when there are too few bytes to tell. */
const kindOfHead = (bytes: Buffer): 'interim' | 'other' | 'open' => {
  const known = Math.min(bytes.length, statusLine.length);
  for (let at = 0; at < known; at += 1) {
    const byte = bytes[at] ?? 0;
    const wanted = statusLine[at];
    if (wanted === 'd' ? byte < 0x30 || byte > 0x39 : byte !== wanted?.charCodeAt(0)) return 'other';
  }
  if (bytes.length <= statusLine.length) return 'open';
  const after = bytes[statusLine.length];
  const isStatus = after === 0x20 || after === 0x0d;
  return isStatus && !(bytes[10] === 0x30 && bytes[11] === 0x31) ? 'interim' : 'other';
};

const statusLine = 'HTTP/d.d 1dd';
