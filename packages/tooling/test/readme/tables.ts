/**
 * The rows of the first table under a heading, without the head: trimmed cells.
 * @throws {Error} when there is no such heading or table
 */
export const readTable = (markdown: string, heading: string): readonly (readonly string[])[] => {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  const lines = (section?.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  if (lines.length < 3) throw new Error(`there is no table under '${heading}'`);
  return lines.slice(2).map((line) =>
    line
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim()),
  );
};

/** The code in a cell, without its backticks; `''` where there is none. */
export const codeIn = (cell: string): string => /`([^`]+)`/.exec(cell)?.[1] ?? '';
