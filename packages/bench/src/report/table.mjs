/** A Markdown table. Numbers are written with `digits` behind the point. */
export const table = (head, rows, digits = 1) =>
  [head, head.map(() => '---'), ...rows]
    .map(
      (cells) =>
        `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(digits) : (cell ?? '-'))).join(' | ')} |`,
    )
    .join('\n');
