// The worker that workerd runs: its world stands in the request, the outcomes in the response.
import type { World } from '../suite/harness.ts';
import { performAll } from '../suite/perform.ts';
import { suite } from '../suite/topics.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    // Whoever asks whether it is up yet.
    if (request.method !== 'POST') return new Response(null, { status: 204 });
    return Response.json(await performAll(suite, (await request.json()) as World));
  },
};
