import { readParameters } from './parameters.ts';

/** A media type taken apart. */
export interface ContentType {
  /** `type/subtype` in lower case; `''` when the field has none. */
  readonly type: string;
  /** Parameters by lower-cased name, unquoted. Of a repeated one the first counts (WHATWG MIME Sniffing 4.4). */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Takes a Content-Type field apart. Never fails: what cannot be understood is left out. */
export const parseContentType = (value: string): ContentType => {
  const semicolon = value.indexOf(';');
  const essence = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  if (semicolon >= 0) {
    for (const [name, text] of readParameters(value, semicolon + 1, false).value) {
      if (!parameters.has(name)) parameters.set(name, text);
    }
  }
  return { type: MEDIA_TYPE.test(essence) ? essence : '', parameters };
};

/** The charset parameter as it is written, or null. */
export const charsetOf = (value: string | null): string | null => {
  // Most content types have none, and this runs once for each text that is read.
  if (value === null || !/charset/i.test(value)) return null;
  // Servers also send charset='utf-8'; requests strips those quotes too.
  return (
    parseContentType(value)
      .parameters.get('charset')
      ?.replace(/^'(.*)'$/, '$1') ?? null
  );
};

/**
 * The canonical name (WHATWG Encoding Standard, such as `windows-1252` for `latin1`) of the encoding that a Content-Type
 * names, or null when it names none that the platform knows.
 */
export const encodingOf = (contentType: string | null): string | null => {
  if (contentType === null) return null;
  const known = encodings.get(contentType);
  if (known !== undefined) return known;
  const charset = charsetOf(contentType);
  const encoding = charset === null ? null : canonicalEncoding(charset);
  if (encodings.size >= 64) encodings.clear();
  encodings.set(contentType, encoding);
  return encoding;
};

// Servers send a handful of content types; taking one apart costs a microsecond.
const encodings = /* @__PURE__ */ new Map<string, string | null>();

/** The canonical name of an encoding's label, or null when the platform does not know it. */
export const canonicalEncoding = (label: string): string | null => {
  if (/^utf-?8$/i.test(label)) return 'utf-8';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null; // An unknown label is an answer, not a failure.
  }
};

// RFC 9110 8.3.1: two tokens. The halves share no character with the slash, so this is linear.
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;
