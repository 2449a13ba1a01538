import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Builds the workspace: only built code is measured. */
export const buildFirst = () => {
  const { status } = spawnSync(process.execPath, ['packages/tooling/src/build.mjs'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the workspace does not build; --no-build measures what is there');
};
