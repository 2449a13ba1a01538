// Where things are. Everything here must work before anything is installed: no imports beyond Node's own.
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the workspace. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The root's package.json.
 * @returns {{ packageManager: string, engines: { node: string } }}
 */
export const manifest = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * The environment for every program that the tooling starts: this process's, with its Node first on PATH. Packages such as `node24` put a
 * `node` of their own into `.bin` folders, which npm and pnpm put on PATH.
 * @returns {NodeJS.ProcessEnv}
 */
export const childEnvironment = () => ({
  ...process.env,
  PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
});

/**
 * The path of an installed program, `undefined` where it is missing. Daemons live in `sbin`, which is not on every PATH.
 * @param {string} name
 * @returns {string | undefined}
 */
export const findProgram = (name) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((directory) => join(directory, name))
    .find(isExecutable);

/**
 * The command that runs npx with this Node, so that no shell and no `.cmd` file is involved where npm's own files are found.
 * @returns {[string, ...string[]]}
 */
export const npxCommand = () => {
  const bin = dirname(realpathSync(process.execPath));
  const npm = process.env.npm_execpath;
  const script = [
    ...(npm !== undefined && basename(npm) === 'npm-cli.js' ? [join(dirname(npm), 'npx-cli.js')] : []),
    join(bin, '../lib/node_modules/npm/bin/npx-cli.js'),
    join(bin, 'node_modules/npm/bin/npx-cli.js'),
  ].find((path) => existsSync(path));
  return script === undefined ? ['npx'] : [process.execPath, script];
};

/**
 * Whether this Node is at least the oldest one supported.
 * @param {string} version such as `20.18.1`
 * @param {string} floor such as `>=20.18.1`
 */
export const satisfiesFloor = (version, floor) => {
  const [have, want] = [version, floor.replace(/^>=/, '')].map((text) => text.split('.').map(Number));
  for (const part of [0, 1, 2]) {
    const difference = (have?.[part] ?? 0) - (want?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
};

/** @param {string} path */
const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing or not executable: either way it cannot be used.
    return false;
  }
};
