import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A program of the smoke suite in one file, as a platform resolves `httpsession`: straight from the sources. */
export interface Bundle extends AsyncDisposable {
  readonly path: string;
  readonly folder: string;
}

/** Bundles `src/smoke/<entry>` with the export condition of a platform. */
export const bundle = async (entry: string, condition: string): Promise<Bundle> => {
  const folder = await mkdtemp(join(tmpdir(), 'httpsession-smoke-'));
  const path = join(folder, 'program.mjs');
  await build({
    entryPoints: [new URL(`../../src/smoke/${entry}`, import.meta.url).pathname],
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['source', condition],
    target: 'es2022',
    logLevel: 'error',
  });
  return { path, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
};
