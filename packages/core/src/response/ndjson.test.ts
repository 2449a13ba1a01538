import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNdjson } from './ndjson.ts';

async function* source(lines: readonly string[]) {
  yield* lines;
}

const collect = async (lines: readonly string[]) => {
  const values: unknown[] = [];
  const invalid = (message: string, line: string) => Object.assign(new SyntaxError(message), { line });
  for await (const value of parseNdjson(source(lines), invalid)) values.push(value);
  return values;
};

describe('parseNdjson', () => {
  it('parses each line and skips blank ones', async () => {
    expect(await collect(['{"a":1}', '', ' \t', 'null', ' [2] '])).toEqual([{ a: 1 }, null, [2]]);
  });

  it('gives any JSON values back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const lines = values.map((value) => JSON.stringify(value));
        expect(await collect(lines)).toEqual(lines.map((line) => JSON.parse(line)));
      }),
    );
  });

  it('names the line that is not JSON without showing it', async () => {
    const failure = collect(['{}', '', '{"password":"hunter2"']);
    await expect(failure).rejects.toMatchObject({
      message: 'line 3 is not JSON',
      line: '{"password":"hunter2"',
    });
  });

  it('gives the values before a bad line first', async () => {
    const values: unknown[] = [];
    const read = async () => {
      for await (const value of parseNdjson(source(['1', 'x']), (message) => new Error(message)))
        values.push(value);
    };
    await expect(read()).rejects.toThrow('line 2 is not JSON');
    expect(values).toEqual([1]);
  });
});
