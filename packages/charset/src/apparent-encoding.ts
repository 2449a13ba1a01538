import { detect } from 'chardet';

// Enough to judge, and bounded: what a server sends may be any size.
const looksAt = 64 * 1024;

/**
 * Guesses the encoding of a text from its bytes; requests' `apparent_encoding`.
 *
 * @returns a label that `TextDecoder` knows, or `null` when nothing is likely. A guess: short texts may be guessed wrong
 */
export const detectEncoding = (bytes: Uint8Array): string | null => {
  const sample = bytes.subarray(0, looksAt);
  if (sample.byteLength === 0) return null;
  // A text that is UTF-8 throughout is hardly ever anything else; statistics would have to guess.
  if (isUtf8(sample, bytes.byteLength > sample.byteLength)) return 'utf-8';
  const guess = detect(sample);
  return guess === null ? null : known(guess);
};

/**
 * Guesses the encoding of a response's body, whatever its headers say. Reads a clone: the response can still be read.
 *
 * @throws what reading the body throws
 */
export const apparentEncoding = async (response: Response): Promise<string | null> =>
  detectEncoding(new Uint8Array(await response.clone().arrayBuffer()));

/**
 * The body as text: by the charset that it declares, else by what its bytes look like, else as UTF-8.
 *
 * @throws what reading the body throws
 */
export const readText = async (response: Response): Promise<string> => {
  const declared = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(response.headers.get('content-type') ?? '')?.[1];
  const bytes = new Uint8Array(await response.arrayBuffer());
  const encoding = (declared === undefined ? null : known(declared)) ?? detectEncoding(bytes) ?? 'utf-8';
  const decoder = new TextDecoder(encoding);
  // Node 20 decodes windows-1252 wrongly unless it streams.
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
};

/** The WHATWG name of a label, `null` for one that the platform does not know. */
const known = (label: string): string | null => {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null; // chardet knows encodings that TextDecoder does not, such as UTF-32
  }
};

const isUtf8 = (bytes: Uint8Array, cut: boolean): boolean => {
  try {
    // A character that the sample cuts in two is no error.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false; // malformed: some other encoding
  }
};
