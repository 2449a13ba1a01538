import type { Fence } from './fences.ts';

/** The name of the module that is made of an example. */
export const moduleName = ({ document, line }: Fence): string =>
  `${document.replace(/\.md$/, '').replace(/[^A-Za-z0-9]+/g, '-')}-${line}.ts`;

/**
 * An example as a module with a function `run`. Its imports are those of the file, its statements the function's; the site that examples talk
 * to is the test's server.
 */
export const moduleOf = ({ before, code, after }: Fence): string => {
  const statements = [before, onServer(code), after].join('\n');
  const imports = statements.match(IMPORTS) ?? [];
  return [
    ...imports,
    "import type { Stage as ReadmeStage } from '../readme/stage.ts';",
    'export const run = async (stage: ReadmeStage): Promise<void> => {',
    'const { server, console, printed } = stage;',
    '{',
    statements.replace(IMPORTS, ''),
    '}',
    '};',
    '',
  ].join('\n');
};

const IMPORTS = /^import [^;]*;$/gm;

const onServer = (code: string): string =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the generated module fills it in
  code.replace(/'https:\/\/api\.example\.com([^']*)'/g, '`${server.origin}$1`');
