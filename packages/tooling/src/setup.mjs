// Installs and builds the workspace, each only when needed. Behind `npm start` and `npm test`; runs alone as `node packages/tooling/src/setup.mjs`.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './run-command.mjs';
import { manifest, npxCommand, root, satisfiesFloor } from './workspace.mjs';

/** Set-up cannot go on; the message says what to do. */
export class SetupError extends Error {}

/**
 * Installs the dependencies that the lockfile names, unless they are there.
 * @throws {SetupError} when this Node is too old or pnpm fails
 */
export const installDependencies = async () => {
  const { engines, packageManager } = manifest();
  if (!satisfiesFloor(process.versions.node, engines.node)) {
    throw new SetupError(`Node ${engines.node} is needed, this is ${process.versions.node}`);
  }
  const wanted = installationKey();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

  console.log(`Installing dependencies with ${packageManager} ...`);
  const { ok, reason, output } = await run(
    // Without --yes npx asks, without CI pnpm asks: there may be nobody to answer.
    [...npxCommand(), '--yes', packageManager, 'install', '--frozen-lockfile'],
    { output: 'capture', env: { CI: 'true' } },
  );
  if (!ok) throw new SetupError(`${packageManager} install failed: ${reason}\n${output.trimEnd()}`);
  writeFileSync(stampFile, wanted);
};

/**
 * Builds packages and examples.
 * @throws {SetupError} with the messages of compiler and bundler
 */
export const buildPackages = async () => {
  const first = !existsSync(join(root, 'packages/core/dist'));
  if (first) console.log('Building packages and examples ...');
  const { ok, reason, output } = await run(buildCommand, { output: 'capture' });
  if (!ok) throw new SetupError(`the build failed: ${reason}\n${output.trimEnd()}`);
};

/** The command that builds packages and examples: a program of its own, because it imports what is being installed. @type {[string, ...string[]]} */
export const buildCommand = [process.execPath, join(root, 'packages/tooling/src/build.mjs')];

/**
 * Runs a program's main function, prints a {@link SetupError} without a stack, and sets the exit code.
 * @param {string} moduleUrl the `import.meta.url` of the program: imported, it does nothing
 * @param {() => Promise<number>} main resolves with the exit code
 */
export const runMain = async (moduleUrl, main) => {
  // The real path: a workspace may be reached through a symbolic link, module URLs never are.
  if (process.argv[1] === undefined || pathToFileURL(realpathSync(process.argv[1])).href !== moduleUrl)
    return;
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof SetupError ? error.message : error);
  }
};

// Inside node_modules, so that deleting the one deletes the other.
const stampFile = join(root, 'node_modules/.installed');

/** Changes with the lockfile, any package.json of the workspace, and the platform that binaries were chosen for. */
const installationKey = () => {
  const folders = readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `packages/${name}`);
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const folder of ['.', 'examples', ...folders.sort()]) {
    const file = join(root, folder, 'package.json');
    if (existsSync(file)) hash.update(`\n${folder}\n`).update(readFileSync(file));
  }
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, name)));
  return hash.digest('hex');
};

await runMain(import.meta.url, async () => {
  await installDependencies();
  await buildPackages();
  console.log('Everything is installed and built.');
  return 0;
});
