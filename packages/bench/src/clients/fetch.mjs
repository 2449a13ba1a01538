import makeFetchCookie from 'fetch-cookie';
import { fetchClient, withoutLogin } from './fetch-client.mjs';
import { jarOf, withoutCookies } from './tough-jar.mjs';

/** The platform's own. Trusts the benchmark's authority by NODE_EXTRA_CA_CERTS. */
export const globalFetch = {
  name: 'fetch',
  open: (target) => withoutLogin(fetchClient(target, fetch)),
};

/** fetch-cookie over fetch, with the cookies in a tough-cookie jar. */
export const fetchCookie = {
  name: 'fetch-cookie',
  open: (target) => fetchClient(withoutCookies(target), makeFetchCookie(fetch, jarOf(target))),
};
