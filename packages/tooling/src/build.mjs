// Builds the workspace: declarations by the compiler, which checks the types as well, and code by esbuild into few files.
//   node packages/tooling/src/build.mjs
// Measured on Node 24: each small module costs 0.2 to 1 ms of import, and core alone has a hundred of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build as bundle } from 'esbuild';
import { publishedPackages } from './published-packages.mjs';
import { run } from './run-command.mjs';
import { runMain, SetupError } from './setup.mjs';
import { root } from './workspace.mjs';

/**
 * Bundles every published package, one file per entry with shared and dynamically imported parts as chunks. Dependencies stay outside.
 * @throws {SetupError} when esbuild fails
 */
const bundlePackages = async () => {
  await Promise.all(publishedPackages().map(bundlePackage));
};

/** @param {import('./published-packages.mjs').PublishedPackage} published */
const bundlePackage = async ({ folder, entries }) => {
  const { outputFiles } = await bundle({
    absWorkingDir: folder,
    entryPoints: entries.map(({ source }) => source),
    outdir: 'dist',
    outbase: 'src',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    target: 'es2022',
    // The tarball has the sources themselves.
    sourcemap: true,
    sourcesContent: false,
    write: false,
    logLevel: 'silent',
  }).catch((error) => {
    throw new SetupError(`bundling ${relative(root, folder)} failed: ${error.message}`);
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  removeOldFiles(folder, new Set(outputFiles.map(({ path }) => resolve(path))));
};

/**
 * Writes a file whole or not at all, and only where it changes: tests and servers may be reading it.
 * @param {string} path
 * @param {Uint8Array} contents
 */
const replaceFile = (path, contents) => {
  if (readIfPresent(path)?.equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, contents);
  renameSync(`${path}.new`, path);
};

/** @param {string} path */
const readIfPresent = (path) => {
  try {
    return readFileSync(path);
  } catch {
    // Not built before.
    return undefined;
  }
};

/**
 * Takes away chunks of earlier builds, and declarations of sources that are gone.
 * @param {string} folder
 * @param {ReadonlySet<string>} current
 */
const removeOldFiles = (folder, current) => {
  const dist = join(folder, 'dist');
  for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, entry);
    const declared = /^(.*)\.d\.ts(?:\.map)?$/.exec(entry)?.[1];
    const isOld =
      declared === undefined
        ? /\.js(?:\.map)?$/.test(entry) && !current.has(path)
        : !existsSync(join(folder, 'src', `${declared}.ts`));
    if (isOld) rmSync(path);
  }
};

/**
 * Checks all types and writes declarations, and the examples' code; the compiler knows what is out of date.
 * @throws {SetupError} with the compiler's messages
 */
const declareTypes = async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { ok, reason, output } = await run([process.execPath, tsc, '-b', 'packages', 'examples'], {
    output: 'capture',
  });
  if (!ok) throw new SetupError(`the types do not check: ${reason}\n${output.trimEnd()}`);
};

await runMain(import.meta.url, async () => {
  await Promise.all([declareTypes(), bundlePackages()]);
  return 0;
});
