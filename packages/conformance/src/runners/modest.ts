// What Deno runs with leave for the network alone: nothing may prompt, and nothing may be promised that cannot be kept.
import { RemoteScenarioServer, text } from '@httpsession/testing/remote';
import { ConnectionError, Session } from 'httpsession';
import { rejection } from '../suite/check.ts';

const [control = ''] = (globalThis as unknown as { process: { argv: string[] } }).process.argv.slice(2);
await using server = await RemoteScenarioServer.start(control);
await server.otherwise(text('here'));

const refusal = (options: object): string => {
  try {
    new Session(options);
    return 'accepted';
  } catch (error) {
    return nameOf(error);
  }
};
const nameOf = (error: unknown): string => (error instanceof Error ? error.constructor.name : String(error));

await using session = new Session();
const elsewhere = await rejection(session.get('http://127.0.0.2:8080/'));
console.log(
  JSON.stringify({
    direct: await session.get(server.url('/')).text(),
    proxy: refusal({ proxy: 'http://127.0.0.1:8080' }),
    trustEnv: refusal({ trustEnv: false }),
    lookup: refusal({ lookup: () => undefined }),
    careless: refusal({ tls: { verify: false } }),
    body: nameOf(await rejection(session.get(server.url('/'), { body: 'asked' }))),
    elsewhere:
      elsewhere instanceof ConnectionError
        ? `ConnectionError after ${elsewhere.attempts}`
        : String(elsewhere),
  }),
);
