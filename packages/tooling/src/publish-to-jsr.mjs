// Publishes the packages that have a jsr.json to JSR, from a folder where Deno sees them as one workspace: their imports of each other then
// become imports from JSR, and nothing of Deno's stands in the root.
//   node packages/tooling/src/publish-to-jsr.mjs --dry-run    checks everything that JSR checks, and publishes nothing
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { publishedPackages } from './published-packages.mjs';
import { run } from './run-command.mjs';
import { runMain } from './setup.mjs';
import { root } from './workspace.mjs';

const deno = join(root, 'packages/conformance/node_modules/.bin/deno');

/**
 * Lays the packages out as a Deno workspace.
 * @param {string} folder empty
 */
const stage = (folder) => {
  const published = publishedPackages().filter((one) => existsSync(join(one.folder, 'jsr.json')));
  const members = published.map((one) => basename(one.folder));
  for (const { folder: from } of published) {
    const to = join(folder, 'packages', basename(from));
    for (const name of ['src', 'jsr.json', 'package.json', 'README.md']) {
      if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
    }
    cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'));
    symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
  }
  // The types of Node, which undici's speak of.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'deno.json'),
    JSON.stringify({
      workspace: members.map((name) => `./packages/${name}`),
      nodeModulesDir: 'manual',
      compilerOptions: { lib: ['esnext', 'dom', 'dom.iterable', 'dom.asynciterable'] },
    }),
  );
};

await runMain(import.meta.url, async () => {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean' } } });
  const folder = mkdtempSync(join(tmpdir(), 'httpsession-jsr-'));
  try {
    stage(folder);
    // A staged folder is no checkout: Deno would call everything in it uncommitted.
    const dry = values['dry-run'] ? /** @type {const} */ (['--dry-run']) : [];
    const { ok, reason } = await run([deno, 'publish', '--allow-dirty', ...dry], { cwd: folder });
    if (!ok) console.error(`deno publish failed: ${reason}`);
    return ok ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
