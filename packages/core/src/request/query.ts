import { kindOf } from '../kind-of.ts';
import type { RequestURL } from './request-url.ts';

/** A value that has one obvious spelling in a query or form. A `Date` is sent as its ISO 8601 string. */
export type Scalar = string | number | bigint | boolean | Date;

/** What a name may be given: an array repeats the name, `null` removes it, `undefined` inherits it. */
export type ParamValue = Scalar | readonly (Scalar | null | undefined)[] | null | undefined;

/** Query parameters or form fields: a record, pairs, a `URLSearchParams` or an encoded string. */
export type ParamsInit =
  | Readonly<Record<string, ParamValue>>
  | Iterable<readonly [string, ParamValue]>
  | URLSearchParams
  | string;

/** One layer of settings, the session's or the call's. `null` drops every layer before it. */
export type ParamsLayer = ParamsInit | null | undefined;

/**
 * Adds parameters to a URL, behind the query it has.
 *
 * The URL's own query is kept byte for byte, also where a name repeats. Later layers replace the values of earlier
 * ones by name; with nothing to add the same URL comes back.
 *
 * @throws {TypeError} naming the parameter whose value cannot be sent
 */
export const appendParams = (url: RequestURL, ...layers: readonly ParamsLayer[]): RequestURL => {
  const query = encodePairs('params', layers);
  if (query === '') return url;
  // Nothing is parsed again: of what URLSearchParams writes, a URL parser changes no character.
  const mark = url.href.indexOf('?');
  const glue = mark === -1 ? '?' : mark === url.href.length - 1 ? '' : '&';
  return Object.freeze({
    ...url,
    href: url.href + glue + query,
    path: `${url.path}${glue || '?'}${query}`, // an empty query is part of the href alone
    userinfo: null,
  });
};

/**
 * Merges layers by name and encodes the result as application/x-www-form-urlencoded.
 *
 * @param option how errors name the argument: `params` or `form`
 * @throws {TypeError} naming the entry whose value cannot be sent
 */
export const encodePairs = (option: string, layers: readonly ParamsLayer[]): string => {
  const pairs = mergePairs(option, layers);
  return pairs.length === 0 ? '' : String(new URLSearchParams(pairs));
};

/**
 * Merges layers by name into a flat list of pairs. A replaced name keeps its place, as in `dict.update`.
 *
 * @param option how errors name the argument: `params` or `form`
 * @throws {TypeError} naming the entry whose value cannot be sent
 */
export const mergePairs = (option: string, layers: readonly ParamsLayer[]): [string, string][] => {
  let merged: [string, string][] = [];
  for (const layer of layers) {
    if (layer === undefined) continue;
    if (layer === null) {
      merged = [];
      continue;
    }
    const given = readLayer(option, layer);
    merged =
      merged.length === 0 ? given.flatMap(([name, values]) => pair(name, values)) : overlay(merged, given);
  }
  return merged;
};

/** The values given to a name. None at all removes the name. */
type Given = readonly [name: string, values: readonly string[]];

const pair = (name: string, values: readonly string[]): [string, string][] =>
  values.map((value) => [name, value]);

const overlay = (base: readonly [string, string][], given: readonly Given[]): [string, string][] => {
  const replacements = new Map<string, [string, string][][]>();
  for (const [name, values] of given) {
    const pairs = pair(name, values);
    const earlier = replacements.get(name);
    if (earlier === undefined) replacements.set(name, [pairs]);
    else earlier.push(pairs);
  }
  const placed = new Set<string>();
  const inPlace = base.flatMap(([name, value]) => {
    const pairs = replacements.get(name);
    if (pairs === undefined) return [[name, value] satisfies [string, string]];
    if (placed.has(name)) return [];
    placed.add(name);
    return pairs.flat();
  });
  return inPlace.concat(given.flatMap(([name, values]) => (placed.has(name) ? [] : pair(name, values))));
};

const readLayer = (option: string, layer: ParamsInit): Given[] => {
  if (typeof layer === 'string') return readLayer(option, new URLSearchParams(layer));
  const given: Given[] = [];
  for (const [name, value] of entriesOf(option, layer)) {
    if (value === undefined) continue;
    const values = Array.isArray(value) ? value : [value];
    given.push([name, values.flatMap((item) => texts(option, name, item))]);
  }
  return given;
};

/**
 * The entries of a record or of an iterable of pairs. Own names only.
 *
 * @throws {TypeError} naming the argument when it is neither
 */
export const entriesOf = (option: string, layer: unknown): Iterable<readonly [string, unknown]> => {
  if (typeof layer === 'object' && layer !== null) {
    if (Symbol.iterator in layer) return pairsOf(option, layer as Iterable<unknown>);
    // A Promise or a Date has no names of its own and would vanish in silence.
    if (Object.prototype.toString.call(layer) === '[object Object]') return Object.entries(layer);
  }
  throw new TypeError(`${option} must be a record or pairs, got ${kindOf(layer)}`);
};

function* pairsOf(option: string, layer: Iterable<unknown>): Generator<readonly [string, unknown]> {
  for (const entry of layer) {
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string') {
      throw new TypeError(`${option} must hold [name, value] pairs, got ${kindOf(entry)}`);
    }
    yield entry as [string, unknown];
  }
}

const texts = (option: string, name: string, value: unknown): string | never[] => {
  if (value === null || value === undefined) return [];
  const text = scalarText(value);
  if (text !== null) return text;
  throw new TypeError(
    `${option}.${name} must be a string, number, bigint, boolean, valid Date, null or an array of these, got ${kindOf(value)}`,
  );
};

/** How a {@link Scalar} is sent, or null for anything else. */
export const scalarText = (value: unknown): string | null => {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : null;
};
