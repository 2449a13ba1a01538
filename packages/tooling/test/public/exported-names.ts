import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedPackages } from '../../src/published-packages.mjs';

/** A name that a module exports. */
export interface ExportedName {
  readonly name: string;
  readonly kind: 'value' | 'type';
  /** The file that declares it. */
  readonly file: string;
  /** Whether a doc comment stands right before its declaration. */
  readonly documented: boolean;
}

/** An entry of a published package. */
export interface PublishedEntry {
  /** As it is imported, such as `@httpsession/testing/remote`; entries of one name for several platforms carry the file's name, too. */
  readonly name: string;
  readonly source: string;
}

/** Every entry of every published package. */
export const publishedEntries: readonly PublishedEntry[] = publishedPackages().flatMap(
  ({ folder, manifest, entries }) =>
    entries.map(({ source }) => ({
      name: [
        manifest.name,
        ...(source === 'src/index.ts' ? [] : [source.slice('src/'.length, -'.ts'.length)]),
      ].join('/'),
      source: join(folder, source),
    })),
);

/**
 * The names that a source file exports, sorted; a name that is a value and a type is a value.
 *
 * Reads the text: `isolatedDeclarations` and `verbatimModuleSyntax` leave nothing about names and kinds to be inferred.
 */
export const exportedNames = (file: string): readonly ExportedName[] => {
  const names = known.get(file) ?? readNames(file);
  known.set(file, names);
  return names;
};

const known = new Map<string, readonly ExportedName[]>();

const readNames = (file: string): readonly ExportedName[] => {
  const found = new Map<string, ExportedName>();
  const add = (entry: ExportedName): void => {
    if (found.get(entry.name)?.kind !== 'value') found.set(entry.name, entry);
  };
  const text = readFileSync(file, 'utf8');
  for (const [, from = ''] of text.matchAll(STAR))
    for (const entry of exportedNames(resolve(from, file))) add(entry);
  for (const entry of listed(text, file)) add(entry);
  for (const entry of declared(text, file)) add(entry);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const STAR = /^export \* from '([^']+)';$/gm;
const LIST = /^export (type )?\{([^}]*)\}(?: from '([^']+)')?;$/gm;
const IMPORT = /^import (?:type )?\{([^}]*)\} from '([^']+)';$/gm;
const DECLARATION =
  /^export (?:declare )?(?:(?:abstract )?(class)|(?:async )?(function)\*?|(const)|(interface)|(type)) (\w+)/gm;

function* listed(text: string, file: string): Generator<ExportedName> {
  for (const [, typesOnly, list = '', from] of text.matchAll(LIST)) {
    for (const { name, local, isType } of namesIn(list)) {
      const origin = from === undefined ? importOf(local, text) : { from, local };
      const target = resolve(origin.from, file);
      const declaration = exportedNames(target).find((candidate) => candidate.name === origin.local);
      if (declaration === undefined) throw new Error(`${file}: ${target} does not export ${origin.local}`);
      const kind = typesOnly !== undefined || isType ? 'type' : 'value';
      yield { ...declaration, name, kind };
    }
  }
}

function* declared(text: string, file: string): Generator<ExportedName> {
  for (const match of text.matchAll(DECLARATION)) {
    const [, isClass, isFunction, isConst, , , name = ''] = match;
    const kind = (isClass ?? isFunction ?? isConst) ? 'value' : 'type';
    yield { name, kind, file, documented: isDocumented(text.slice(0, match.index)) };
  }
}

/** `foo`, `type Foo`, `foo as bar`. */
const namesIn = (list: string): readonly { name: string; local: string; isType: boolean }[] =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const [local = '', name = local] = item.replace(/^type /, '').split(' as ');
      return { name, local, isType: item.startsWith('type ') };
    });

const importOf = (name: string, text: string): { from: string; local: string } => {
  for (const [, list = '', from = ''] of text.matchAll(IMPORT)) {
    const found = namesIn(list).find((item) => item.name === name);
    if (found !== undefined) return { from, local: found.local };
  }
  throw new Error(`${name} is exported but neither declared nor imported`);
};

/** A doc comment ends right before; comments for the linter may stand between. */
const isDocumented = (before: string): boolean => {
  const head = before.replace(/(?:^[ \t]*\/\/[^\n]*\n)+$/m, '').trimEnd();
  return head.endsWith('*/') && head.lastIndexOf('/**') > head.slice(0, -2).lastIndexOf('*/');
};

const resolve = (from: string, file: string): string => {
  if (from.startsWith('.')) return join(dirname(file), from);
  const entry = publishedEntries.find(({ name }) => name === from);
  if (entry === undefined) throw new Error(`${file}: ${from} is no entry of ours`);
  return entry.source;
};
