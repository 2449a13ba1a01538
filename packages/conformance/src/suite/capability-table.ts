import { type Platform, platforms, type Scenario } from './harness.ts';

const columns: Readonly<Record<Platform, string>> = {
  node: 'Node',
  deno: 'Deno',
  bun: 'Bun',
  edge: 'workerd',
  browser: 'browsers',
};

/**
 * What each platform can do, as Markdown: a row per capability of the suite.
 *
 * It is made of the terms of the scenarios, and cannot say more than they have shown: a platform that does not refuse what its terms
 * say it refuses, or that refuses anything else, fails the suite there.
 */
export const capabilityTable = (suite: readonly Scenario[]): string => {
  const notes: string[] = [];
  const rows = [...grouped(suite)].map(([capability, scenarios]) => [
    capability,
    ...platforms.map((platform) => cellOf(scenarios, platform, notes)),
  ]);
  return [
    ...aligned([['', ...platforms.map((platform) => columns[platform])], ...rows]),
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join('\n');
};

/** The lines of a Markdown table as the project's formatter writes them: each column as wide as its widest cell. */
const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const [head, ...body] = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head ?? [], rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
};

const grouped = (suite: readonly Scenario[]): ReadonlyMap<string, readonly Scenario[]> => {
  const groups = new Map<string, Scenario[]>();
  for (const scenario of suite) {
    const { capability } = scenario.terms;
    if (capability === undefined) continue;
    const group = groups.get(capability);
    if (group === undefined) groups.set(capability, [scenario]);
    else group.push(scenario);
  }
  return groups;
};

const cellOf = (scenarios: readonly Scenario[], platform: Platform, notes: string[]): string => {
  const refused = scenarios.flatMap(({ terms }) => terms.refused?.[platform] ?? []);
  const options = named(new Set(refused));
  if (refused.length === scenarios.length) return `refuses ${options}`;
  const own = new Set(scenarios.flatMap(({ terms }) => terms.native?.[platform] ?? []));
  const marks = [...own].map((note) => `<sup>${noteNumber(note, notes)}</sup>`).join('');
  return `${marks === '' ? 'yes' : `own way${marks}`}${options === '' ? '' : `; refuses ${options}`}`;
};

// Many of one family are named by the family.
const named = (options: ReadonlySet<string>): string => {
  const families = new Set([...options].map((option) => option.replace(/\..*$/, '.*')));
  return [...(options.size > 2 ? families : options)].map((option) => `\`${option}\``).join(', ');
};

const noteNumber = (note: string, notes: string[]): number => {
  if (!notes.includes(note)) notes.push(note);
  return notes.indexOf(note) + 1;
};
