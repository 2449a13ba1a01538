// A page that signs in to the service that serves it. The browser keeps the cookie and follows the redirect; the session does the rest:
// base URL, limits, retries, pages.
import { HTTPError, Session, SessionError } from 'httpsession';

const session = new Session({
  baseUrl: location.origin,
  credentials: 'same-origin',
  timeout: { headers: 10_000, total: 30_000 },
  retry: { limit: 2, onRetry: (_, delay) => say(`The service is busy; again in ${Math.round(delay)} ms.`) },
});

const form = element('login', HTMLFormElement);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  signIn(new FormData(form)).catch((error: unknown) => say(explain(error)));
});

async function signIn(entries: FormData): Promise<void> {
  const credentials = { user: String(entries.get('user')), password: String(entries.get('password')) };
  // The answer is a redirect to the account, which the browser follows with the cookie that came with it.
  const { user } = await session.post('login', { form: credentials }).json<{ user: string }>();
  const { weather } = await session.get('flaky').json<{ weather: string }>();
  const list = element('items', HTMLUListElement);
  list.replaceChildren();
  for await (const page of session.paginate('items')) {
    for (const name of await page.json<string[]>()) {
      const item = document.createElement('li');
      item.textContent = name;
      list.append(item);
    }
  }
  say(`Signed in as ${user}: the weather is ${weather}.`);
}

function explain(error: unknown): string {
  if (error instanceof HTTPError && error.status === 401) return 'Wrong user or password.';
  if (error instanceof SessionError) return `That did not work: ${error.message}`;
  throw error;
}

function say(text: string): void {
  element('status', HTMLElement).textContent = text;
}

function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} called ${id}`);
  return found;
}
