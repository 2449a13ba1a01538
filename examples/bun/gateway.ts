// A server that keeps one login to a service for everybody who asks it.
//   SERVICE=http://127.0.0.1:8080/ SERVICE_USER=ada SERVICE_PASSWORD=secret bun examples/bun/gateway.ts
import { type Auth, ConnectionError, Session } from 'httpsession';

// Bun brings its own types; these stand in for them where the repository is checked as a whole.
declare const Bun: {
  readonly env: Readonly<Record<string, string | undefined>>;
  serve(options: { port: number; hostname: string; fetch(request: Request): Promise<Response> }): {
    readonly url: URL;
  };
};

const { SERVICE = '', SERVICE_USER: user = '', SERVICE_PASSWORD: password = '', PORT = '0' } = Bun.env;

const session = new Session({ baseUrl: SERVICE, timeout: { headers: 5_000, total: 20_000 } });

let login: Promise<void> | null = null;

/** Signs in once for all requests that wait; the cookie stays in the session. */
const signIn = (): Promise<void> => {
  login ??= session
    .post('login', { form: { user, password }, auth: null, redirect: 'manual', raiseForStatus: true })
    .then(() => undefined)
    .finally(() => {
      login = null;
    });
  return login;
};

/** What a 401 is answered with: a new login, and the request once more with its cookie. */
session.auth = {
  async *flow(request) {
    const response = yield request;
    if (response.status !== 401) return;
    await signIn();
    yield request;
  },
} satisfies Auth;

const server = Bun.serve({
  port: Number(PORT),
  hostname: '127.0.0.1',
  async fetch({ url, signal }) {
    try {
      const response = await session.get(`.${new URL(url).pathname}`, { signal });
      return response.toResponse();
    } catch (error) {
      if (error instanceof ConnectionError)
        return new Response('the service cannot be reached', { status: 502 });
      throw error;
    }
  },
});
console.log(`listening on ${server.url}`);
