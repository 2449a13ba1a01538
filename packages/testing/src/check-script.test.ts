import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { respond, ScenarioServer } from './index.ts';

let server: ScenarioServer;

beforeAll(async () => {
  server = await ScenarioServer.start();
});

afterAll(() => server.close());

describe('a script', () => {
  it.each([
    ['an unknown step', { answer: 1 }, 'route / must be a step, got an object with the keys ["answer"]'],
    ['an unknown option', { respond: { code: 1 } }, 'route /.respond must not have code'],
    ['a wrong type', { respond: { status: '200' } }, 'route /.respond.status must be a whole number'],
    ['a nested mistake', { sequence: [{ sleep: -1 }] }, 'route /.sequence[0].sleep must be milliseconds'],
    ['a moment of connections', { at: 'accept' }, 'route /.at must be one of request-line, headers, body'],
    [
      'a body where HTTP has none',
      { respond: { status: 204, body: 'x' } },
      'route /.respond.body must be left out',
    ],
  ])('with %s is refused at once', (_, script, message) => {
    expect(() => server.route('/', script as never)).toThrow(message);
  });

  it('that needs a request is refused for a connection', () => {
    expect(() => server.onConnect(respond(200))).toThrow(
      'onConnect must be a step that needs no request, got respond',
    );
  });
});
