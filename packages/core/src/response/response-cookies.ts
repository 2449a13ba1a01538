/** A cookie as its `Set-Cookie` line wrote it. */
export interface ResponseCookie {
  readonly name: string;
  readonly value: string;
  /** Attributes by lower-case name; those without a value are empty. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** The cookies that one response set. What the jar keeps of them is `session.cookies`. */
export class ResponseCookies implements Iterable<ResponseCookie> {
  readonly #cookies: ReadonlyMap<string, ResponseCookie>;

  constructor(lines: readonly string[]) {
    this.#cookies = new Map(lines.map(readCookie).map((cookie) => [cookie.name, cookie]));
  }

  get size(): number {
    return this.#cookies.size;
  }

  /** The last cookie of that name. */
  get(name: string): ResponseCookie | undefined {
    return this.#cookies.get(name);
  }

  has(name: string): boolean {
    return this.#cookies.has(name);
  }

  [Symbol.iterator](): Iterator<ResponseCookie> {
    return this.#cookies.values();
  }
}

// RFC 6265 5.2: the first `=` divides; without one the whole is the value.
const readCookie = (line: string): ResponseCookie => {
  const [pair = '', ...attributes] = line.split(';');
  const [name, value] = divide(pair, ['', pair]);
  return {
    name: name.trim(),
    value: value.trim(),
    attributes: new Map(
      attributes.map((attribute) => {
        const [key, content] = divide(attribute, [attribute, '']);
        return [key.trim().toLowerCase(), content.trim()];
      }),
    ),
  };
};

const divide = (text: string, otherwise: [string, string]): [string, string] => {
  const at = text.indexOf('=');
  return at === -1 ? otherwise : [text.slice(0, at), text.slice(at + 1)];
};
