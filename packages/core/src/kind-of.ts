/** How errors call what came: `null`, `an array`, `a Map`, `an object`, `number`. */
export const kindOf = (value: unknown): string => {
  if (typeof value !== 'object') return typeof value;
  if (value === null) return 'null';
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return /^(?:Object|Array)$/.test(tag) ? `an ${tag.toLowerCase()}` : `a ${tag}`;
};
