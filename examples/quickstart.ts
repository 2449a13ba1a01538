import { basic, ConnectionError, HTTPError, Session, type SessionResponse, TimeoutError } from 'httpsession';
import { Transcript } from './quickstart-transcript.ts';

/** Who logs in. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** What became of a chapter; a server need not have every page. */
export type Outcome = 'done' | 'absent' | 'failed';

/**
 * The tour: logs in, reads what is behind the login, walks through pages, outlives a failure and a slow server, and prints how.
 * @param url where a service like the example's is
 * @returns the outcome of each chapter, in order; of the first only, where there is no server
 */
export async function quickstart(
  url: string,
  user: Credentials,
  print: (line: string) => void = console.log,
): Promise<readonly Outcome[]> {
  const transcript = new Transcript(print);
  const outcomes: Outcome[] = [];

  await using session = new Session({
    baseUrl: url,
    timeout: { headers: 10_000, total: 30_000 },
    retry: {
      limit: 2,
      onRetry: (_, delay) => transcript.note(`that failed; another attempt in ${Math.round(delay)} ms`),
    },
  });

  /** Prints a response, reads it to its end so that its connection is free again, and judges it. */
  const visit = async (response: SessionResponse): Promise<Outcome> => {
    transcript.response(response);
    const { byteLength } = await response.bytes();
    transcript.note(
      `body: ${byteLength} bytes of ${response.headers.get('content-type') ?? 'no stated type'}`,
    );
    if (response.ok) return 'done';
    if (!ABSENT.includes(response.status)) return 'failed';
    transcript.note('this server has no such page');
    return 'absent';
  };

  let unreachable = false;

  const chapter = async (title: string, tell: () => Promise<Outcome>): Promise<void> => {
    if (unreachable) return;
    transcript.chapter(`${outcomes.length + 1}. ${title}`);
    try {
      outcomes.push(await tell());
    } catch (error) {
      // Raised where a status leaves nothing to go on with.
      if (error instanceof HTTPError) return void outcomes.push(await visit(error.response));
      transcript.error(error);
      unreachable = outcomes.length === 0 && error instanceof ConnectionError;
      outcomes.push('failed');
    }
  };

  await chapter('Log in with a form: the cookie comes with a redirect and is sent on', async () => {
    const response = await session.post('login', { form: { user: user.name, password: user.password } });
    const outcome = await visit(response);
    const kept = [...session.cookies].map(({ name }) => name).join(', ');
    transcript.note(kept === '' ? 'no cookie was set' : `cookies kept: ${kept} (values not shown)`);
    return outcome;
  });

  await chapter('Open the page behind the login, with nothing said again', async () =>
    visit(await session.get('account')),
  );

  await chapter('Open a page behind Basic authentication', async () =>
    visit(await session.get('basic', { auth: basic(user.name, user.password) })),
  );

  await chapter('Survive a server that answers 503 with Retry-After', async () =>
    visit(await session.get('flaky')),
  );

  await chapter('Walk through a collection by its Link headers', async () => {
    const items: unknown[] = [];
    for await (const page of session.paginate('items', { maxPages: 10 })) {
      transcript.response(page);
      const part = await page.json();
      items.push(...(Array.isArray(part) ? part : []));
    }
    transcript.note(`items: ${items.length}`);
    return 'done';
  });

  await chapter('Give up on a slow page after 300 ms', async () => {
    try {
      return await visit(await session.get('slow', { timeout: { headers: 300 }, retry: 0 }));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      transcript.error(error);
      transcript.note(`phase: ${error.phase}, limit: ${error.limit} ms; the session goes on`);
      return 'done';
    }
  });

  transcript.chapter('In all');
  transcript.connections();
  return outcomes;
}

// Not Found, Method Not Allowed, Gone, Not Implemented.
const ABSENT = [404, 405, 410, 501];
