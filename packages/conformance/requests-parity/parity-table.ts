import { parityCases } from './cases.ts';
import { parityRows, type TestReference } from './parity-rows.ts';

/** The tests that show a row: differential cases, and those of other files. */
export interface RowProof {
  readonly row: number;
  readonly cases: readonly string[];
  readonly others: readonly TestReference[];
}

/** Where the differential cases run. */
export const casesFile = 'packages/conformance/test/requests-parity.test.ts';

/** Which tests show which row. */
export const rowProofs = (): readonly RowProof[] =>
  parityRows.map(({ row, also }) => ({
    row,
    cases: parityCases.filter(({ rows }) => rows.includes(row)).map(({ id }) => id),
    others: also ?? [],
  }));

/** The text of requests-parity.md. */
export const parityTable = (): string => {
  const proofs = new Map(rowProofs().map((proof) => [proof.row, proof]));
  const rows = parityRows.map(({ row, behaviour, verdict, api }) => {
    const proof = proofs.get(row);
    const tests = [
      ...(proof?.cases ?? []).map((id) => `[${id}](#${id.toLowerCase()})`),
      ...(proof?.others ?? []).map(({ file, title }) => `${file}: “${title}”`),
    ];
    return `| ${row} | ${cell(behaviour)} | ${verdict} | ${cell(api)} | ${cell(tests.join(' '))} |`;
  });
  const cases = parityCases.map((parity) => {
    const why = parity.want === '>' ? `; ${parity.reason}` : '';
    const gap = parity.knownGap === undefined ? '' : ` **Known gap:** ${parity.knownGap}.`;
    return `| <a id="${parity.id.toLowerCase()}"></a>${parity.id} | ${parity.want} | ${cell(parity.title + why)}.${cell(gap)} |`;
  });
  return [
    '# What requests does, and what httpsession does there',
    '',
    'Written by `packages/conformance/test/requests-parity-table.test.ts`: run it with `PARITY_UPDATE=1` after a change, then `npm run format`.',
    '',
    `Each behaviour of Python requests and urllib3 is the same here, deliberately better, or refused with a typed error. The tests are`,
    `differential cases: the same operation in Python and in TypeScript against one scripted server, judged by what the server saw and what`,
    `the caller got (\`${casesFile}\`).`,
    '',
    '## Behaviours',
    '',
    '| row | behaviour of requests | here | how | tests |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## Cases',
    '',
    '`=` the same record of wire and outcome, `~` the same meaning in other bytes, `>` better, and why.',
    '',
    '| case | want | what it shows |',
    '| --- | --- | --- |',
    ...cases,
    '',
  ].join('\n');
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
