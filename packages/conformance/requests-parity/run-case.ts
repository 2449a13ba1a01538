import { startBench } from './bench.ts';
import type { Oracle } from './oracle.ts';
import type { ParityCase, ParityRecord } from './parity-case.ts';
import { recordOf } from './record.ts';

/** Runs our side of a case. */
export const runOurs = async (parity: ParityCase): Promise<ParityRecord> => {
  await using running = await startBench(parity);
  const { bench, servers, env } = running;
  using _ = withEnvironment(env);
  const result = await parity.ours(bench);
  const outcome = result instanceof Response ? null : result;
  // What undefined leaves out, JSON leaves out too.
  const record = recordOf(parity, servers, outcome, { '{REFUSED}': bench.refused, '{FULL}': bench.full });
  return JSON.parse(JSON.stringify(record));
};

/** Runs Python's side of a case. */
export const runRequests = async (parity: ParityCase, oracle: Oracle): Promise<ParityRecord> => {
  await using running = await startBench(parity);
  const { bench, servers, env } = running;
  const names: Record<string, string> = { REFUSED: bench.refused, FULL: bench.full, CA: bench.ca };
  for (const [name, letter] of letters) names[letter] = servers[name]?.origin ?? '';
  const { id, python: code } = parity;
  const outcome = await oracle.run({ id, code, names, paths: bench.paths, env });
  return recordOf(parity, servers, outcome, { '{REFUSED}': bench.refused, '{FULL}': bench.full });
};

const letters = [
  ['a', 'A'],
  ['b', 'B'],
  ['t', 'T'],
  ['proxy', 'P'],
] as const;

const environmental = /_proxy$|^(?:REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_FILE|NETRC|REQUEST_METHOD)$/i;

const withEnvironment = (env: Readonly<Record<string, string>>): Disposable => {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (environmental.test(name)) delete process.env[name];
  Object.assign(process.env, { NETRC: '/dev/null' }, env);
  return {
    [Symbol.dispose]() {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    },
  };
};
