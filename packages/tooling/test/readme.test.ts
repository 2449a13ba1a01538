import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { ScenarioServer } from '@httpsession/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/run-command.mjs';
import { root } from '../src/workspace.mjs';
import { comingFromModule } from './readme/coming-from.ts';
import { moduleName, moduleOf } from './readme/example-module.ts';
import { readFences, unmarkedExamples } from './readme/fences.ts';
import type { Example } from './readme/stage.ts';

const generated = fileURLToPath(new URL('.generated/', import.meta.url));
const documents = [
  join(root, 'README.md'),
  ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md')),
].filter((file) => existsSync(file));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const fences = documents.flatMap((document) => readFences(document));

beforeAll(async () => {
  await rm(generated, { recursive: true, force: true });
  await mkdir(generated, { recursive: true });
  for (const fence of fences) await writeFile(join(generated, moduleName(fence)), moduleOf(fence));
  await writeFile(join(generated, 'coming-from.ts'), comingFromModule(readme));
  const tsconfig = {
    extends: '../../../tsconfig.types.json',
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts'],
    exclude: [],
  };
  await writeFile(join(generated, 'tsconfig.json'), JSON.stringify(tsconfig));
});

describe('the examples of the READMEs', () => {
  it('are all marked as TypeScript', () => {
    const unmarked = documents.flatMap((file) => unmarkedExamples(file).map((line) => `${file}:${line}`));
    expect(unmarked).toEqual([]);
  });

  it('pass the compiler', { timeout: 120_000 }, async () => {
    const { ok, output } = await run(
      [process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', generated],
      { output: 'capture' },
    );
    expect({ ok, output }).toEqual({ ok: true, output: '' });
  });

  it.each(
    fences
      .filter(({ notRun }) => notRun === null)
      .map((fence) => [`${fence.document}:${fence.line}`, fence] as const),
  )('%s does what it says', async (_where, fence) => {
    await using server = await ScenarioServer.start();
    const printed: string[] = [];
    const console = { log: (...values: readonly unknown[]) => void printed.push(format(...values)) };
    const example: Example = await import(pathToFileURL(join(generated, moduleName(fence))).href);
    await example.run({ server, console, printed });
  });
});
