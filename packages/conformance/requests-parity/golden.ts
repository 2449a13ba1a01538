import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { OracleVersions } from './oracle.ts';
import type { ParityRecord } from './parity-case.ts';

/** What requests did, and what we do where that is meant to differ in bytes or in deed. */
export interface GoldenCase {
  readonly requests: ParityRecord;
  readonly ours?: ParityRecord;
}

/** The committed records of all cases. */
export interface Golden {
  readonly versions: OracleVersions;
  readonly cases: Readonly<Record<string, GoldenCase>>;
}

const file = new URL('./golden/requests-2.34.json', import.meta.url);

/** Whether this run rewrites the golden file and the table instead of comparing: `PARITY_UPDATE=1`. */
export const updating: boolean = process.env.PARITY_UPDATE === '1';

export const readGolden = (): Golden =>
  existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Golden)
    : { versions: { python: '', requests: '', urllib3: '' }, cases: {} };

export const writeGolden = (golden: Golden): void => {
  const ids = Object.keys(golden.cases).sort();
  const cases = ids.map((id) => `${JSON.stringify(id)}: ${printCase(golden.cases[id])}`);
  const text = `{\n"versions": ${JSON.stringify(golden.versions)},\n"cases": {\n${cases.join(',\n')}\n}\n}\n`;
  writeFileSync(file, text);
};

/** One line for each request, so that a diff shows what changed. */
const printCase = (golden: GoldenCase | undefined): string => {
  const sides = Object.entries(golden ?? {}).map(
    ([side, record]) => `  ${JSON.stringify(side)}: ${printRecord(record)}`,
  );
  return `{\n${sides.join(',\n')}\n}`;
};

const printRecord = ({ log, outcome }: ParityRecord): string => {
  const servers = Object.entries(log).map(([name, entries]) => {
    const lines = entries.map((entry) => `\n      ${JSON.stringify(entry)}`);
    return `\n    ${JSON.stringify(name)}: [${lines.join(',')}]`;
  });
  return `{"log": {${servers.join(',')}},\n    "outcome": ${JSON.stringify(outcome)}}`;
};

/** `2.34` of `2.34.2`. */
export const majorMinor = (version: string): string => version.split('.').slice(0, 2).join('.');
