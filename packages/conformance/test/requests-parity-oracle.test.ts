import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parityCases } from '../requests-parity/cases.ts';
import { majorMinor, readGolden, updating, writeGolden } from '../requests-parity/golden.ts';
import { type Oracle, oracleMissing, startOracle } from '../requests-parity/oracle.ts';
import { runRequests } from '../requests-parity/run-case.ts';

describe.skipIf(oracleMissing !== undefined)(
  `requests itself${oracleMissing === undefined ? '' : ` (${oracleMissing})`}`,
  () => {
    const golden = readGolden();
    let oracle: Oracle;
    let otherVersion: string | undefined;
    beforeAll(async () => {
      oracle = await startOracle();
      const differs = (['requests', 'urllib3'] as const).find(
        (name) => majorMinor(oracle.versions[name]) !== majorMinor(golden.versions[name]),
      );
      if (differs !== undefined && !updating) {
        otherVersion = `${differs} is ${oracle.versions[differs]} here, the golden file is of ${golden.versions[differs]}`;
      }
    });
    afterAll(() => oracle?.[Symbol.asyncDispose]());

    for (const parity of parityCases) {
      it(`${parity.id} ${parity.title}: requests still does what is recorded`, async ({ skip }) => {
        if (otherVersion !== undefined) skip(otherVersion);
        const observed = await runRequests(parity, oracle);
        if (updating) {
          const now = readGolden();
          const cases = { ...now.cases, [parity.id]: { ...now.cases[parity.id], requests: observed } };
          writeGolden({ versions: oracle.versions, cases });
          return;
        }
        expect(observed).toEqual(golden.cases[parity.id]?.requests);
      });
    }
  },
);
