import { readParameters } from './parameters.ts';

/** A link that a response's Link header gives (RFC 8288). */
export interface Link {
  /** The target, absolute. */
  readonly url: string;
  /** The relation, in lower case. */
  readonly rel: string;
  /** The link's parameters by lower-cased name; `title*` and the like are decoded into `title`. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Reads a Link header (RFC 8288): its links by relation, such as `links.next?.url`.
 *
 * A link with several relations stands under each; of several links with one relation the first counts. Links about
 * another page (`anchor`), links without a relation and malformed links are left out.
 *
 * @param header all Link fields, joined by commas
 * @param baseUrl the URL of the response, which relative targets are resolved against
 */
export const parseLinks = (header: string, baseUrl: string): Readonly<Record<string, Link>> => {
  const links: Record<string, Link> = Object.create(null);
  let at = 0;
  while (at < header.length) {
    at = skipTo(header, at);
    if (header[at] !== '<') {
      // No link: its would-be parameters tell where the next element begins.
      at = readParameters(header, at, true).end;
      continue;
    }
    const close = header.indexOf('>', at);
    if (close < 0) break;
    const { value, end } = readParameters(header, close + 1, true);
    addLink(links, header.slice(at + 1, close), readParams(value), baseUrl);
    at = end;
  }
  return links;
};

const skipTo = (header: string, start: number): number => {
  let at = start;
  while (header[at] === ',' || header[at] === ' ' || header[at] === '\t') at += 1;
  return at;
};

const addLink = (
  links: Record<string, Link>,
  target: string,
  params: Readonly<Record<string, string>>,
  baseUrl: string,
): void => {
  const missing = new Set(params.rel?.toLowerCase().split(/[ \t]+/));
  for (const rel of missing) if (rel === '' || rel in links) missing.delete(rel);
  if (missing.size === 0) return;
  const url = resolve(target, baseUrl);
  if (
    url === null ||
    (params.anchor !== undefined && resolve(params.anchor, baseUrl) !== resolve('', baseUrl))
  )
    return;
  for (const rel of missing) links[rel] = { url, rel, params };
};

const resolve = (target: string, baseUrl: string): string | null => {
  try {
    return new URL(target, baseUrl).href;
  } catch {
    return null; // A target that is no URL makes the link malformed, not the response.
  }
};

/** RFC 8288 3: of a repeated parameter the first counts, and `name*` before `name`. */
const readParams = (parameters: readonly (readonly [string, string])[]): Record<string, string> => {
  const params: Record<string, string> = Object.create(null);
  const extended: Record<string, string> = Object.create(null);
  for (const [name, value] of parameters) {
    const text = name.endsWith('*') ? decodeExtended(value) : null;
    if (text !== null) extended[name.slice(0, -1)] ??= text;
    else params[name] ??= value;
  }
  return Object.assign(params, extended);
};

/** RFC 8187 3.2: charset'language'percent-encoded, or null when it is not that. */
const decodeExtended = (text: string): string | null => {
  const [, charset, encoded] = /^(utf-8|iso-8859-1)'[^']*'(.*)$/is.exec(text) ?? [];
  if (charset === undefined || encoded === undefined) return null;
  try {
    return charset.length === 5
      ? decodeURIComponent(encoded)
      : encoded.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  } catch {
    return null; // Not UTF-8.
  }
};
