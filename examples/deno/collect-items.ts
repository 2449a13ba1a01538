// Signs in to a service and writes a collection of several pages into a file.
//   deno run --allow-net --allow-env --allow-write examples/deno/collect-items.ts http://127.0.0.1:8080/ items.json ada secret
import { HTTPError, Session } from 'httpsession';

// Deno brings its own types; these stand in for them where the repository is checked as a whole.
declare const Deno: {
  readonly args: readonly string[];
  writeTextFile(path: string, text: string): Promise<void>;
  exit(code: number): never;
};

const [service, file, user = '', password = ''] = Deno.args;
if (service === undefined || file === undefined) {
  console.error('usage: collect-items.ts SERVICE FILE [USER PASSWORD]');
  Deno.exit(2);
}

try {
  await using session = new Session({
    baseUrl: service,
    timeout: { headers: 10_000, total: 60_000 },
    retry: { limit: 3, onRetry: ({ response }) => console.log(`busy (${response?.status}), trying again`) },
  });

  const login = await session.post('login', { form: { user, password } });
  login.raiseForStatus();
  console.log(
    `signed in by way of ${login.history.map(({ status }) => status)}; ${session.cookies.size} cookie`,
  );
  console.log((await session.get('flaky').json<{ weather: string }>()).weather);

  const items: string[] = [];
  for await (const page of session.paginate('items')) items.push(...(await page.json<string[]>()));
  await Deno.writeTextFile(file, JSON.stringify(items));
  console.log(`${items.length} items in ${file}`);
} catch (error) {
  if (!(error instanceof HTTPError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
