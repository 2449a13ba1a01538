import { echo, respond, text } from '@httpsession/testing/remote';
import { bearer, get, session as makeSession, Session } from 'httpsession';
import { check, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

/** What a session keeps, and how a call's options lie over it. */
export const sessions = ({ describe, it }: Harness): void => {
  describe('sessions', () => {
    const capability = 'baseUrl, headers, params, extend';

    it(
      'URLs are joined to baseUrl, params are merged by name',
      async ({ server, createSession }) => {
        await server.otherwise(text('x'));
        const session = createSession({
          ...once,
          baseUrl: server.url('/v1/'),
          params: { locale: 'en', page: '1' },
        });
        await session.get('items', { params: { page: 2, tag: ['a', 'b'] } });
        await session.get('/root?own=1', { params: { locale: null } });
        same(
          (await server.requests()).map(({ target }) => target),
          ['/v1/items?locale=en&page=2&tag=a&tag=b', '/root?own=1&page=1'],
        );
      },
      { capability },
    );

    it(
      'headers of the call lie over those of the session; null removes',
      async ({ server, createSession }) => {
        await server.otherwise(text('x'));
        const session = createSession({ ...once, headers: { 'x-a': '1', 'x-b': '2' } });
        await session.get(server.url('/'), { headers: { 'X-B': '3', 'x-a': null } });
        session.headers.set('x-live', 'yes');
        await session.get(server.url('/'));
        const seen = (await server.requests()).map((one) => [
          one.header('x-a'),
          one.header('x-b'),
          one.header('x-live'),
        ]);
        same(seen, [
          [undefined, '3', undefined],
          ['1', '2', 'yes'],
        ]);
      },
      { capability },
    );

    it(
      'a child has options of its own, and its parent none of them',
      async ({ server, createSession }) => {
        await server.otherwise(text('x'));
        const parent = createSession({ ...once, headers: { 'x-a': 'parent' } });
        const child = parent.extend({ headers: { 'x-b': 'child' }, auth: bearer('t') });
        await child.get(server.url('/'));
        await child.close();
        await parent.get(server.url('/'));
        const seen = (await server.requests()).map((one) => [
          one.header('x-a'),
          one.header('x-b'),
          one.header('authorization'),
        ]);
        same(seen, [
          ['parent', 'child', 'Bearer t'],
          ['parent', undefined, undefined],
        ]);
      },
      { capability },
    );

    it(
      'a prepared request can be sent again and again',
      async ({ server, createSession }) => {
        await server.otherwise(echo());
        const session = createSession(once);
        const prepared = session.prepare('PUT', server.url('/'), { json: { a: 1 } });
        for (let turn = 0; turn < 2; turn += 1)
          same((await session.send(prepared).json<{ body: string }>()).body, '{"a":1}');
      },
      { capability: 'prepare(), send()' },
    );

    it(
      'toJSON and fromJSON, without secrets',
      async ({ server, createSession }) => {
        await server.otherwise(text('x'));
        const first = createSession({
          baseUrl: server.origin,
          headers: { 'accept-language': 'fr', 'x-api-key': 'secret' },
          auth: ['u', 'p'],
        });
        const written = JSON.stringify(first.toJSON());
        check(!written.includes('secret'), written);
        await using second = Session.fromJSON(JSON.parse(written));
        await second.get('/');
        same((await server.last())?.header('accept-language'), 'fr');
      },
      { capability: 'toJSON(), fromJSON()' },
    );

    it(
      'pages are followed by Link',
      async ({ server, createSession }) => {
        await server.route('/1', respond({ headers: { link: '</2>; rel="next"' }, body: 'one' }));
        await server.route('/2', text('two'));
        const pages: string[] = [];
        for await (const page of createSession(once).paginate(server.url('/1')))
          pages.push(await page.text());
        same(pages, ['one', 'two']);
      },
      { capability: 'paginate()' },
    );

    it('the module-level functions share a session without cookies', async ({ server }) => {
      await server.otherwise(text('x'));
      same(await get(server.url('/')).text(), 'x');
      await using session = makeSession(once);
      same(await session.get(server.url('/')).text(), 'x');
    });

    it('explain() names the source of each option', async ({ server, createSession }) => {
      const session = createSession({ timeout: 5_000 });
      const { options } = session.explain('GET', server.url('/'), { retry: 1 });
      same(
        [options.timeout?.source, options.retry?.source, options.redirect?.source],
        ['session', 'call', 'default'],
      );
    });

    it('User-Agent says who we are, where it can be set', async ({ server, platform, createSession }) => {
      await server.otherwise(text('x'));
      await createSession(once).get(server.url('/')).text();
      const agent = (await server.last())?.header('user-agent') ?? '';
      same(agent.startsWith('httpsession/'), platform !== 'browser');
    });
  });
};
