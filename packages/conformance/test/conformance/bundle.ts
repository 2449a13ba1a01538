import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A program in one file, as a platform resolves `httpsession`: straight from the sources. */
export interface Bundle extends AsyncDisposable {
  readonly path: string;
  readonly folder: string;
}

/** Bundles a source file with the export condition of a platform. `bun test` wants `.test.` in the name. */
export const bundle = async (entry: URL, condition: string): Promise<Bundle> => {
  const folder = await mkdtemp(join(tmpdir(), 'httpsession-conformance-'));
  const path = join(folder, 'program.test.mjs');
  // undici is CommonJS, and asks for Node's modules by `require`: Deno and Bun have both.
  const hasNodeModules = ['bun', 'deno', 'node'].includes(condition);
  const require =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [entry.pathname],
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: hasNodeModules ? 'node' : 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['source', condition],
    external: ['bun:*', 'node:*'],
    target: 'es2022',
    logLevel: 'error',
    ...(hasNodeModules && { banner: { js: require } }),
  });
  return { path, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
};

/** One of `src/runners`. */
export const runner = (name: string): URL => new URL(`../../src/runners/${name}.ts`, import.meta.url);
