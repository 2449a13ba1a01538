// A worker with one session for all its requests: `?to=` is fetched with the headers limit of `?limit=`.
import { Session, TimeoutError } from 'httpsession';

const session = new Session({ retry: 0 });

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const to = searchParams.get('to');
    // Whoever asks whether it is up yet.
    if (to === null) return new Response(null, { status: 204 });
    try {
      const response = await session.get(to, { timeout: { headers: Number(searchParams.get('limit')) } });
      return new Response(await response.text());
    } catch (error) {
      return new Response(TimeoutError.is(error) ? `timed out: ${error.phase}` : 'failed');
    }
  },
};
