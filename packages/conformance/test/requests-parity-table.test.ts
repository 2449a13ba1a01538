import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parityCases } from '../requests-parity/cases.ts';
import { readGolden, updating } from '../requests-parity/golden.ts';
import { parityRows } from '../requests-parity/parity-rows.ts';
import { parityTable, rowProofs } from '../requests-parity/parity-table.ts';

const root = new URL('../../../', import.meta.url);
const table = new URL('../requests-parity.md', import.meta.url);

describe('the table of parity with requests', () => {
  it('has each of the 136 rows', () => {
    expect(parityRows.map(({ row }) => row)).toEqual(Array.from({ length: 136 }, (_, index) => index + 1));
  });

  it('has a test for every row', () => {
    const untested = rowProofs().filter(({ cases, others }) => cases.length + others.length === 0);
    expect(untested.map(({ row }) => row)).toEqual([]);
  });

  it('names only rows that there are, and each case once', () => {
    const ids = parityCases.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(parityCases.flatMap(({ rows }) => rows).filter((row) => row < 1 || row > 136)).toEqual([]);
  });

  it('names tests of other files by titles that are there', () => {
    for (const { others } of rowProofs()) {
      for (const { file, title } of others)
        expect(readFileSync(new URL(file, root), 'utf8')).toContain(`'${title}'`);
    }
  });

  it('calls no row the same whose every case is better, and the other way round', () => {
    const wants = new Map(parityCases.map(({ id, want }) => [id, want]));
    const contradicted = rowProofs().filter(({ row, cases }) => {
      const verdict = parityRows[row - 1]?.verdict;
      const found = cases.map((id) => wants.get(id));
      if (found.length === 0) return false;
      return verdict === 'same' ? found.every((want) => want === '>') : !found.includes('>');
    });
    expect(contradicted.map(({ row, cases }) => `${row}: ${cases.join(' ')}`)).toEqual([]);
  });

  it('has a golden record for every case, and none besides', () => {
    expect(Object.keys(readGolden().cases).sort()).toEqual(parityCases.map(({ id }) => id).sort());
  });

  it('is what the cases say', () => {
    if (updating) writeFileSync(table, parityTable());
    expect(squeezed(readFileSync(table, 'utf8'))).toBe(squeezed(parityTable()));
  });
});

/** Without the blanks and dashes that a formatter aligns tables with. */
const squeezed = (text: string): string => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
