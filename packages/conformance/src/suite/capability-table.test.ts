import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { capabilityTable } from './capability-table.ts';
import type { Scenario, Terms } from './harness.ts';
import { suite } from './topics.ts';

const readme = new URL('../../../../README.md', import.meta.url);
const [start, end] = ['<!-- capabilities -->', '<!-- /capabilities -->'];

const scenario = (terms: Terms): Scenario => ({ topic: 't', title: '', terms, play: async () => undefined });

describe('the capability table', () => {
  it('has a row per capability, refusals by option, and notes for what a platform does in its own way', () => {
    const table = capabilityTable([
      scenario({ capability: 'a', refused: { browser: 'x' } }),
      scenario({ capability: 'a', refused: { browser: 'y', edge: 'z' }, native: { bun: 'slowly' } }),
      scenario({}),
      scenario({ capability: 'b', native: { bun: 'slowly', deno: 'never' } }),
    ]);
    expect(table.split('\n')).toEqual([
      '|     | Node | Deno                | Bun                 | workerd          | browsers         |',
      '| --- | ---- | ------------------- | ------------------- | ---------------- | ---------------- |',
      '| a   | yes  | yes                 | own way<sup>1</sup> | yes; refuses `z` | refuses `x`, `y` |',
      '| b   | yes  | own way<sup>2</sup> | own way<sup>1</sup> | yes              | yes              |',
      '',
      '1. slowly',
      '2. never',
    ]);
  });

  it("is the README's; UPDATE_README=1 writes it there", () => {
    const text = readFileSync(readme, 'utf8');
    const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
    expect(from).toBeGreaterThan(start.length);
    expect(to).toBeGreaterThan(from);
    const table = `\n\n${capabilityTable(suite)}\n\n`;
    if (process.env.UPDATE_README === '1')
      writeFileSync(readme, text.slice(0, from) + table + text.slice(to));
    else expect(text.slice(from, to)).toBe(table);
  });

  it('stands on a scenario or more in each row, and every scenario has a name of its own', () => {
    expect(suite.length).toBeGreaterThanOrEqual(80);
    expect(new Set(suite.map(({ topic, title }) => `${topic}: ${title}`)).size).toBe(suite.length);
  });
});
