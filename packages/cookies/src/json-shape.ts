/** A JSON object read by its own members only, so that `__proto__` in a file means nothing. */
export type JSONObject = ReadonlyMap<string, unknown>;

/** Reads an object. @throws {TypeError} naming the place when the value is none */
export function objectAt(value: unknown, place: string): JSONObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mismatch(place, 'an object', value);
  return new Map(Object.entries(value));
}

/** Reads an array. @throws {TypeError} naming the place when the value is none */
export function arrayAt(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch(place, 'an array', value);
  return value;
}

/** Reads a string member. @throws {TypeError} naming the place when it is none */
export function stringAt(from: JSONObject, key: string, place: string): string {
  const value = from.get(key);
  if (typeof value !== 'string') throw mismatch(`${place}.${key}`, 'a string', value);
  return value;
}

/** Reads a boolean member, false when left out. @throws {TypeError} naming the place when it is something else */
export function booleanAt(from: JSONObject, key: string, place: string): boolean {
  const value = from.get(key) ?? false;
  if (typeof value !== 'boolean') throw mismatch(`${place}.${key}`, 'true or false', value);
  return value;
}

/** Reads a finite number, `null` when left out. @throws {TypeError} naming the place when it is something else */
export function numberAt(from: JSONObject, key: string, place: string): number | null {
  const value = from.get(key) ?? null;
  if (value !== null && (typeof value !== 'number' || !Number.isFinite(value))) {
    throw mismatch(`${place}.${key}`, 'a number', value);
  }
  return value;
}

/** The error for a value of the wrong kind; it names the kind that came, never the value, which may be a secret. */
export function mismatch(place: string, wanted: string, got: unknown): TypeError {
  const kind = got === null ? 'null' : Array.isArray(got) ? 'an array' : typeof got;
  return new TypeError(`${place} must be ${wanted}, got ${kind}`);
}
