/** A parameter of a header field: its name in lower case, its value unquoted. */
export type Parameter = readonly [name: string, value: string];

/** Where reading stopped, and the value read until there. */
export interface Reading<T> {
  readonly value: T;
  readonly end: number;
}

/**
 * Reads `;name=value` parameters (RFC 9110 5.6.6) from `start` on, in one pass and without ever failing: spaces around
 * `=`, empty parameters, missing values, missing closing quotes and text after one are tolerated.
 *
 * @param list whether a comma outside quotes ends the element, as in header fields that are lists
 */
export const readParameters = (text: string, start: number, list: boolean): Reading<readonly Parameter[]> => {
  const parameters: Parameter[] = [];
  let at = start;
  while (at < text.length && !(list && text[at] === ',')) {
    const nameEnd = seek(text, at, list ? ';=,' : ';=');
    const name = text.slice(at, nameEnd).trim().toLowerCase();
    let value = '';
    at = nameEnd;
    if (text[at] === '=') {
      const first = skipSpace(text, at + 1);
      const quoted = text[first] === '"' ? readQuotedString(text, first) : null;
      // What follows a closing quote is noise.
      at = seek(text, quoted?.end ?? first, list ? ';,' : ';');
      value = quoted?.value ?? text.slice(first, at).trim();
    }
    if (name !== '') parameters.push([name, value]);
    while (text[at] === ';') at += 1;
  }
  return { value: parameters, end: at };
};

/**
 * Reads the quoted-string (RFC 9110 5.6.4) whose opening quote stands at `start`. Without a closing quote it reaches to
 * the end of the text.
 */
export const readQuotedString = (text: string, start: number): Reading<string> => {
  let value = '';
  let at = start + 1;
  for (;;) {
    const stop = seek(text, at, '"\\');
    value += text.slice(at, stop);
    if (text[stop] !== '\\') return { value, end: Math.min(stop + 1, text.length) };
    value += text[stop + 1] ?? '';
    at = stop + 2;
  }
};

const seek = (text: string, start: number, stops: string): number => {
  let at = start;
  while (at < text.length && !stops.includes(text.charAt(at))) at += 1;
  return at;
};

const skipSpace = (text: string, start: number): number => {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
};
