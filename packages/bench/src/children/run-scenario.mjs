// Runs one scenario in a process of its own, so that no other's code and heap play a part.
import { scenarios } from '../scenarios/list.mjs';

process.once('message', async ({ scenario, ...context }) => {
  const answer = await scenarios
    .find(({ name }) => name === scenario)
    .run(context)
    .catch((error) => ({ failure: error.message }));
  process.send(answer, () => process.exit());
});
