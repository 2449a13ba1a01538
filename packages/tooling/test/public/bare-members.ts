/**
 * The public members of a class or interface without a doc comment; `null` when the source declares neither of this name. Overloads share the first one's; a member after `//` comments has what
 * stands before them.
 */
export const bareMembers = (source: string, name: string): readonly string[] | null => {
  const lines = source.split('\n');
  const from = lines.findIndex((line) =>
    new RegExp(`^export (?:abstract )?(?:class|interface) ${name}\\b`).test(line),
  );
  if (from === -1) return null;
  const to = lines.indexOf('}', from);
  const bare = new Set<string>();
  const documented = new Set<string>();
  for (let at = from + 1; at < to; at++) {
    const member = MEMBER.exec(lines[at] ?? '')?.[1];
    if (member === undefined) continue;
    let before = at - 1;
    while (/^ {2}\/\//.test(lines[before] ?? '')) before--;
    if (/\*\/$/.test(lines[before] ?? '')) documented.add(member);
    else bare.add(member);
  }
  return [...bare].filter((member) => !documented.has(member));
};

// Indented by two: a member. `override` takes the comment of what it overrides.
const MEMBER =
  /^ {2}(?!private |constructor\b|override |static \{)(?:static |readonly |async |get |set )*\*?([a-z]\w*)\??[(:<]/;
