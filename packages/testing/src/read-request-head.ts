/** The query of a request target as sent, whatever its form. */
export const queryOf = (target: string): URLSearchParams => {
  const question = target.indexOf('?');
  return new URLSearchParams(question === -1 ? '' : target.slice(question + 1).replace(/#.*$/, ''));
};

/** The values of a header, one for each line that carried it. */
export const headerValues = (
  rawHeaders: readonly (readonly [name: string, value: string])[],
  name: string,
): string[] => {
  const wanted = name.toLowerCase();
  return rawHeaders.filter(([given]) => given.toLowerCase() === wanted).map(([, value]) => value);
};

/** The values of a header joined with `, `, or `undefined` when absent. */
export const headerValue = (
  rawHeaders: readonly (readonly [name: string, value: string])[],
  name: string,
): string | undefined => {
  const values = headerValues(rawHeaders, name);
  return values.length === 0 ? undefined : values.join(', ');
};
