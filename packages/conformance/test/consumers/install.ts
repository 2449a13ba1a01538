import { cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { npxCommand } from '../../../tooling/src/workspace.mjs';
import { runToEnd } from '../conformance/child.ts';

/**
 * Installs `httpsession` from its tarball with npm, as a user would from the registry: what it depends on comes from the other tarballs
 * and, for everybody else's packages, from the registry, in the newest versions that our ranges allow.
 */
export const installConsumers = async (
  folder: string,
  tarballs: ReadonlyMap<string, string>,
): Promise<void> => {
  const files = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]));
  const { httpsession = '', ...others } = files;
  await cp(new URL('../../consumers', import.meta.url), folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { httpsession },
      // Types that Node programs have; undici's and ours speak of them.
      devDependencies: { '@types/node': '^20.19.0' },
      overrides: others,
    }),
  );
  const [npm, ...before] = npmCommand();
  await runToEnd(npm, [...before, 'install', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: folder,
  });
};

// npm stands beside npx.
const npmCommand = (): [string, ...string[]] => {
  const [node, script] = npxCommand();
  return script === undefined ? ['npm'] : [node, join(dirname(script), 'npm-cli.js')];
};
