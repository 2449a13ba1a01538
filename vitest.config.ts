import { defineConfig } from 'vitest/config';

// Workspace packages resolve to their TypeScript source, so no test runs against a stale build.
const resolve = { conditions: ['source'] };
const ssr = { resolve: { conditions: ['source', 'node', 'import', 'module', 'default'] } };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          // A loaded machine is no failure; what hangs still fails.
          testTimeout: 60_000,
          include: ['packages/*/src/**/*.test.ts'],
          environment: 'node',
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.test.ts'],
          environment: 'node',
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/{src,test}/**/*.test-d.ts'],
            tsconfig: './packages/tsconfig.types.json',
            // The compiler itself checks everything else: the step `types` of packages/tooling/src/steps.mjs.
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
});
