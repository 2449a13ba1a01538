import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { run } from './run-command.mjs';
import { findProgram } from './workspace.mjs';

/**
 * A real program or library that some tests run against.
 * @typedef {object} Requirement
 * @property {string} name how steps name it
 * @property {string} debian the Debian package
 * @property {readonly string[]} [programs] any of them will do
 * @property {string} [module] of Debian's Python
 * @property {string} tests what is skipped without it
 */

/** Everything that tests use and npm cannot install. @type {readonly Requirement[]} */
export const requirements = [
  {
    name: 'chromium',
    debian: 'chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    tests: 'tests in a real browser',
  },
  {
    name: 'firefox',
    debian: 'firefox-esr',
    programs: ['firefox-esr'],
    tests: 'tests in a second real browser',
  },
  { name: 'squid', debian: 'squid', programs: ['squid'], tests: 'tests against a real HTTP proxy' },
  {
    name: 'microsocks',
    debian: 'microsocks',
    programs: ['microsocks'],
    tests: 'tests against a real SOCKS proxy',
  },
  { name: 'redis', debian: 'redis-server', programs: ['redis-server'], tests: 'tests of the Redis store' },
  {
    name: 'nghttpd',
    debian: 'nghttp2-server',
    programs: ['nghttpd'],
    tests: 'tests against a real HTTP/2 server',
  },
  {
    name: 'requests',
    debian: 'python3-requests',
    module: 'requests',
    tests: 'the comparison with Python requests itself',
  },
  { name: 'httpbin', debian: 'python3-httpbin', module: 'httpbin', tests: 'tests against a real httpbin' },
];

/**
 * The names of the requirements that are missing.
 * @returns {ReadonlySet<string>}
 */
export const missingRequirements = () =>
  new Set(requirements.filter((requirement) => !isPresent(requirement)).map(({ name }) => name));

/**
 * Installs what is missing where this process may: as root, with apt-get.
 * @returns {Promise<string>} why something is still missing; empty when nothing is
 */
export const installDebianPackages = async () => {
  const missing = missingRequirements();
  const packages = requirements.filter(({ name }) => missing.has(name)).map(({ debian }) => debian);
  if (packages.length === 0) return '';
  const byHand = `apt-get install ${packages.join(' ')}`;
  const apt = findProgram('apt-get');
  if (apt === undefined) return 'there is no apt-get here';
  if (process.getuid?.() !== 0) return `only root may run: ${byHand}`;

  console.log(`Installing Debian packages: ${packages.join(' ')} ...`);
  const restoreDaemons = holdDaemons();
  try {
    /** @type {readonly [string, ...string[]]} */
    const install = [apt, ...aptOptions, 'install', '--yes', '--no-install-recommends', ...packages];
    const known = hasCandidates(packages);
    let result = known ? await run(install, aptRun) : undefined;
    // Lists that are missing, or so old that the mirror has dropped the versions they name.
    if (result === undefined || !result.ok) {
      await run([apt, ...aptOptions, 'update'], aptRun);
      result = await run(install, aptRun);
    }
    if (result.ok) return '';
    return `${byHand} failed: ${result.reason}: ${result.output.trimEnd().split('\n').at(-1) ?? ''}`;
  } finally {
    restoreDaemons();
  }
};

/** Debian's own: a Python that comes first on PATH does not see Debian's modules. */
const python = ['/usr/bin/python3'].find((path) => existsSync(path)) ?? 'python3';

const aptOptions = ['-q', '-o', 'DPkg::Lock::Timeout=120'];
/** @type {import('./run-command.mjs').RunOptions} */
const aptRun = { output: 'capture', limit: 900, env: { DEBIAN_FRONTEND: 'noninteractive' } };
const policyFile = '/usr/sbin/policy-rc.d';

/** @param {Requirement} requirement */
const isPresent = ({ programs = [], module }) =>
  programs.some((name) => findProgram(name) !== undefined) ||
  (module !== undefined &&
    spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore', timeout: 60_000 }).status === 0);

/** @param {readonly string[]} packages */
const hasCandidates = (packages) => {
  const { stdout } = spawnSync('apt-cache', ['policy', ...packages], { encoding: 'utf8' });
  return (stdout?.match(/Candidate: [^(\s]/g) ?? []).length === packages.length;
};

/**
 * Squid and Redis would start as daemons when installed; policy-rc.d forbids it (invoke-rc.d(8)).
 * @returns {() => void} takes the ban away, if it is ours
 */
const holdDaemons = () => {
  if (existsSync(policyFile)) return () => undefined;
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const restore = () => rmSync(policyFile, { force: true });
  // Also when interrupted.
  process.once('exit', restore);
  return restore;
};
