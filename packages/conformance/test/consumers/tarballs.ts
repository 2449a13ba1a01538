import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { publishedPackages } from '../../../tooling/src/published-packages.mjs';
import { manifest, npxCommand, root } from '../../../tooling/src/workspace.mjs';
import { runToEnd } from '../conformance/child.ts';

/** Builds the workspace and packs every published package into `folder`. Gives the tarballs' paths by package name. */
export const packTarballs = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  await runToEnd(process.execPath, [join(root, 'packages/tooling/src/build.mjs')]);
  const names = publishedPackages().map(({ manifest: { name } }) => name);
  const [npx, ...before] = npxCommand();
  await runToEnd(
    npx,
    [
      ...before,
      '--yes',
      manifest().packageManager,
      '--recursive',
      ...names.map((name) => `--filter=${name}`),
      'pack',
      `--pack-destination=${folder}`,
    ],
    { cwd: root },
  );
  const files = await readdir(folder);
  return new Map(
    names.map((name) => {
      const stem = name.replace('@', '').replace('/', '-');
      const file = files.find((candidate) => new RegExp(`^${stem}-\\d.*\\.tgz$`).test(candidate));
      if (file === undefined) throw new Error(`pnpm pack wrote no tarball of ${name}`);
      return [name, join(folder, file)];
    }),
  );
};
