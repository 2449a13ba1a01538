import { expect, it } from 'vitest';
import { parityCases } from '../requests-parity/cases.ts';
import { readGolden, updating, writeGolden } from '../requests-parity/golden.ts';
import type { ParityCase, ParityRecord } from '../requests-parity/parity-case.ts';
import { runOurs } from '../requests-parity/run-case.ts';

const golden = readGolden();

for (const parity of parityCases) {
  it(`${parity.id} ${parity.want} ${parity.title}`, async ({ skip }) => {
    const gap = parity.knownGap;
    if (gap === undefined) return judge(parity, await runOurs(parity));
    const holds = await runOurs(parity).then(
      (ours) => isJudgedRight(parity, ours),
      () => false,
    );
    if (holds) throw new Error(`${parity.id} holds now: remove its knownGap`);
    skip(`known gap: ${gap}`);
  });
}

const judge = (parity: ParityCase, ours: ParityRecord): void => {
  const known = golden.cases[parity.id];
  if (known === undefined) throw new Error(`the golden file has no ${parity.id}: run with PARITY_UPDATE=1`);
  if (parity.want === '=') {
    expect(ours).toEqual(known.requests);
    return;
  }
  if (parity.want === '~') {
    expect(parity.meaning(ours)).toEqual(parity.meaning(known.requests));
  } else {
    const stated = Object.keys(parity.expected) as (keyof ParityRecord)[];
    const pick = (record: ParityRecord): object =>
      Object.fromEntries(
        stated.map((key) => [key, key === 'log' ? pickLog(record, parity.expected) : record[key]]),
      );
    expect(pick(ours)).toEqual(parity.expected);
    // A case that claims to be better differs from what requests does.
    expect(pick(known.requests)).not.toEqual(parity.expected);
  }
  if (updating) {
    const now = readGolden();
    writeGolden({ ...now, cases: { ...now.cases, [parity.id]: { requests: known.requests, ours } } });
    return;
  }
  expect(ours).toEqual(known.ours);
};

const pickLog = (record: ParityRecord, expected: Partial<ParityRecord>): object =>
  Object.fromEntries(
    Object.keys(expected.log ?? {}).map((name) => [name, record.log[name as keyof ParityRecord['log']]]),
  );

const isJudgedRight = (parity: ParityCase, ours: ParityRecord): boolean => {
  try {
    judge(parity, ours);
    return true;
  } catch {
    return false; // the gap is still open
  }
};
