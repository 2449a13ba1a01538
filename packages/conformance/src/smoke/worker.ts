// The worker that workerd runs: what to do stands in the request.
import { runSmoke } from './run.ts';
import { type Expectations, scenarios } from './scenarios.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    const { control, expected, only } = (await request.json()) as {
      control: string;
      expected: Expectations;
      only: string | null;
    };
    return Response.json(await runSmoke(scenarios, control, expected, only));
  },
};
