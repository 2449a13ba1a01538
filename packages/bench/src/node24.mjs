import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The reference runtime: every figure of the table is measured on it. */
export const node24 = join(
  dirname(createRequire(import.meta.url).resolve('node24/package.json')),
  'bin',
  'node',
);
