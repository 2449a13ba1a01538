import { basename } from 'node:path';

/** Whose a function is, by the file it stands in. First match wins. */
const groups = [
  ['ours: core', /\/packages\/core\//],
  ['ours: node', /\/packages\/node\//],
  ['ours: cookies', /\/packages\/cookies\//],
  ['ours: umbrella', /\/packages\/httpsession\//],
  ['fetch-cookie', /\/fetch-cookie\//],
  ['p-retry', /\/p-retry\//],
  ['undici', /\/undici\/|node:internal\/deps\/undici/],
  ['bench', /\/packages\/bench\//],
  ['other packages', /\/node_modules\//],
  ['node', /^node:/],
];

const groupOf = ({ functionName, url }) => {
  if (functionName === '(idle)') return null;
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (url === '') return functionName === '(program)' ? 'program (C++)' : 'built-in functions';
  return groups.find(([, pattern]) => pattern.test(url))?.[0] ?? 'other';
};

/**
 * Reads a `.cpuprofile`: microseconds of self time by group and by function, and of inclusive time by function of ours.
 */
export const summarise = (profile) => {
  const nodes = new Map(profile.nodes.map((node) => [node.id, { ...node, self: 0 }]));
  for (const [index, id] of profile.samples.entries())
    nodes.get(id).self += profile.timeDeltas[index + 1] ?? 0;
  const byGroup = new Map();
  const bySelf = new Map();
  for (const node of nodes.values()) {
    const group = groupOf(node.callFrame);
    if (group === null || node.self === 0) continue;
    add(byGroup, group, node.self);
    add(bySelf, `${group} | ${nameOf(node.callFrame)}`, node.self);
  }
  return {
    byGroup: sorted(byGroup),
    bySelf: sorted(bySelf),
    byTotal: sorted(totals(nodes, profile.nodes[0].id)),
  };
};

/** Inclusive time of our functions; a function inside itself counts once. */
const totals = (nodes, root) => {
  const byTotal = new Map();
  const visit = (id, above) => {
    const node = nodes.get(id);
    const group = groupOf(node.callFrame);
    const name =
      group?.startsWith('ours') || group === 'fetch-cookie' ? `${group} | ${nameOf(node.callFrame)}` : null;
    const first = name !== null && !above.has(name);
    if (first) above.add(name);
    let total = node.self;
    for (const child of node.children ?? []) total += visit(child, above);
    if (first) {
      above.delete(name);
      add(byTotal, name, total);
    }
    return total;
  };
  visit(root, new Set());
  return byTotal;
};

const nameOf = ({ functionName, url, lineNumber }) =>
  `${functionName || '(anonymous)'}${url === '' ? '' : ` ${basename(url)}:${lineNumber + 1}`}`;

const add = (map, key, value) => map.set(key, (map.get(key) ?? 0) + value);

const sorted = (map) => [...map].sort(([, a], [, b]) => b - a);
