import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../src/workspace.mjs';

/** One TypeScript example of a README, with what its test adds before and behind it. */
export interface Fence {
  /** The document's path from the root. */
  readonly document: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
  readonly code: string;
  /** Code that readers do not see: what the example takes for granted. */
  readonly before: string;
  /** Code that readers do not see: what must hold when the example has run. */
  readonly after: string;
  /** Why it cannot be run here; `null` when it can. */
  readonly notRun: string | null;
}

/**
 * The examples of a document: everything fenced as `ts`.
 *
 * `ts no-run: why` is checked by the compiler alone. A comment `<!-- test: before` ahead of a fence and one `<!-- test: after` behind it hold
 * code of the test, up to a line `-->`.
 * @throws {Error} for a fence marked in any other way, and for a comment that stands at no fence
 */
export const readFences = (file: string): readonly Fence[] => {
  const document = relative(root, file);
  const fences: Fence[] = [];
  let before: string | null = null;
  for (const { kind, info, line, text } of blocksOf(readFileSync(join(root, document), 'utf8'))) {
    if (kind === 'before') before = text;
    else if (kind === 'after') {
      const last = fences.at(-1);
      if (last === undefined || last.after !== '')
        throw new Error(`${document}:${line}: there is no example in front of this test`);
      fences[fences.length - 1] = { ...last, after: text };
    } else if (/^ts\b/.test(info)) {
      const notRun = /^ts no-run: (\S.*)$/.exec(info)?.[1] ?? null;
      if (notRun === null && info !== 'ts')
        throw new Error(`${document}:${line}: '${info}' must be 'ts' or 'ts no-run: why'`);
      fences.push({ document, line, code: text, before: before ?? '', after: '', notRun });
      before = null;
    }
  }
  if (before !== null) throw new Error(`${document}: there is no example behind the last 'test: before'`);
  return fences;
};

/** How many fences of any language a text has that is meant to be TypeScript by its looks: examples that nobody would check. */
export const unmarkedExamples = (file: string): readonly number[] =>
  [...blocksOf(readFileSync(file, 'utf8'))]
    .filter(
      ({ kind, info, text }) =>
        kind === 'fence' && !/^ts\b/.test(info) && /^(import|await|const) /m.test(text),
    )
    .map(({ line }) => line);

interface Block {
  readonly kind: 'fence' | 'before' | 'after';
  readonly info: string;
  readonly line: number;
  readonly text: string;
}

function* blocksOf(markdown: string): Generator<Block> {
  let open: { kind: Block['kind']; info: string; line: number; end: string; lines: string[] } | null = null;
  for (const [index, text] of markdown.split('\n').entries()) {
    if (open !== null) {
      if (text === open.end) {
        yield { kind: open.kind, info: open.info, line: open.line, text: open.lines.join('\n') };
        open = null;
      } else open.lines.push(text);
      continue;
    }
    const fence = /^```(\S.*)?$/.exec(text);
    const comment = /^<!-- test: (before|after)$/.exec(text)?.[1];
    if (fence !== null)
      open = { kind: 'fence', info: fence[1] ?? '', line: index + 1, end: '```', lines: [] };
    else if (comment === 'before' || comment === 'after')
      open = { kind: comment, info: '', line: index + 1, end: '-->', lines: [] };
  }
  if (open !== null) throw new Error(`line ${open.line}: the block does not end`);
}
