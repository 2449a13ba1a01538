const headEnd = Buffer.from('\r\n\r\n');

/**
 * Reads HTTP/1.1 requests off one socket, as little as a benchmark needs: the head as text, the body counted and dropped.
 * Calls `onRequest(head, bodyBytes)` when a request has arrived completely.
 */
export class RequestReader {
  #onRequest;
  #rest = null;
  #head = null;
  #left = 0;
  #bodyBytes = 0;
  #chunks = null;

  constructor(onRequest) {
    this.#onRequest = onRequest;
  }

  push(data) {
    let bytes = this.#rest === null ? data : Buffer.concat([this.#rest, data]);
    this.#rest = null;
    while (bytes.length > 0) {
      const used = this.#head === null ? this.#readHead(bytes) : this.#readBody(bytes);
      if (used === 0) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(used);
    }
  }

  #readHead(bytes) {
    const end = bytes.indexOf(headEnd);
    if (end === -1) return 0;
    const head = bytes.latin1Slice(0, end);
    this.#bodyBytes = 0;
    this.#left = 0;
    this.#chunks = null;
    // GET is the hot path: no search for a body it has not.
    if (!head.startsWith('GET ')) {
      this.#left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#chunks = new ChunkCounter();
    }
    this.#head = head;
    if (this.#left === 0 && this.#chunks === null) this.#finish();
    return end + 4;
  }

  #readBody(bytes) {
    if (this.#chunks !== null) {
      const used = this.#chunks.push(bytes);
      this.#bodyBytes = this.#chunks.bytes;
      if (this.#chunks.done) this.#finish();
      return used;
    }
    const used = Math.min(this.#left, bytes.length);
    this.#left -= used;
    this.#bodyBytes += used;
    if (this.#left === 0) this.#finish();
    return used;
  }

  #finish() {
    const head = this.#head;
    this.#head = null;
    this.#onRequest(head, this.#bodyBytes);
  }
}

/** Counts the bytes of a chunked body without trailers. */
class ChunkCounter {
  bytes = 0;
  done = false;
  #left = 0;
  #line = '';
  #last = false;

  push(data) {
    let at = 0;
    while (at < data.length && !this.done) {
      if (this.#left > 0) {
        const used = Math.min(this.#left, data.length - at);
        this.#left -= used;
        at += used;
        continue;
      }
      const end = data.indexOf(10, at);
      this.#line += data.latin1Slice(at, end === -1 ? data.length : end);
      if (end === -1) return data.length;
      at = end + 1;
      this.#readLine(this.#line.trim());
      this.#line = '';
    }
    return at;
  }

  // Size lines, and the empty lines behind chunks and behind the last one.
  #readLine(line) {
    if (line === '') {
      this.done = this.#last;
      return;
    }
    const size = Number.parseInt(line, 16);
    this.#last = size === 0;
    this.#left = size;
    this.bytes += size;
  }
}
