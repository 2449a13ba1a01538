import { ratiosOf } from '../measure/rounds.mjs';
import { table } from './table.mjs';

const subject = 'full session';

/** What a scenario of rounds tells: its table, and the session's cost in units of every client's. */
export const roundReport = (figures, { operation = 'request', unit = 'us', scale = 1 } = {}) => {
  const ratios = ratiosOf(figures, subject);
  const rows = figures
    .toSorted((a, b) => a.cpu - b.cpu)
    .map(({ name, cpu, wall }) => [
      name,
      cpu / scale,
      wall / scale,
      ratios[name] === undefined ? '-' : ratios[name].toFixed(2),
    ]);
  return {
    markdown: table(
      ['client', `CPU, ${unit} per ${operation}`, `wall, ${unit} per ${operation}`, `${subject} / it`],
      rows,
    ),
    ratios,
    figures,
  };
};
