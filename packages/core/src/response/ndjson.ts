/**
 * Parses each line as JSON (newline-delimited JSON, JSON Lines). Blank lines are skipped.
 *
 * @param invalid makes the error for a line that is not JSON, from a message that does not show the line, and the line
 */
export async function* parseNdjson(
  lines: AsyncIterable<string>,
  invalid: (message: string, line: string) => Error,
): AsyncGenerator<unknown, void, undefined> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    yield parseLine(line, number, invalid);
  }
}

const parseLine = (
  line: string,
  number: number,
  invalid: (message: string, line: string) => Error,
): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    // The SyntaxError quotes the line, which may hold secrets.
    throw invalid(`line ${number} is not JSON`, line);
  }
};
