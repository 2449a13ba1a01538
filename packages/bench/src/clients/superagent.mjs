import superagentModule from 'superagent';
import { headers, password, retries, timeouts, user } from '../setting.mjs';

/** superagent's agent: jar, Basic, retry and timeouts. */
export const superagent = {
  name: 'superagent',
  open: ({ origin, ca, cookies }) => {
    const client = superagentModule
      .agent(ca === undefined ? {} : { ca })
      .auth(user, password)
      .set(headers)
      .retry(retries)
      .timeout({ response: timeouts.headers, deadline: timeouts.total });
    const { hostname } = new URL(origin);
    client.jar.setCookies(cookies.map(([name, value]) => `${name}=${value}; path=/; domain=${hostname}`));
    return {
      get: async (url) => (await client.get(url)).body,
      post: async (url, value) => (await client.post(url).send(value)).body,
      login: async (url, form) => (await client.post(url).type('form').send(form)).body,
      close: () => undefined,
    };
  },
};
