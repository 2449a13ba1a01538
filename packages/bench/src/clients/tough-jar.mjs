import { CookieJar } from 'tough-cookie';

/** A tough-cookie jar with the setting's cookies for the target. */
export const jarOf = ({ origin, cookies }) => {
  const jar = new CookieJar();
  for (const [name, value] of cookies) jar.setCookieSync(`${name}=${value}; Path=/`, `${origin}/`);
  return jar;
};

export const withoutCookies = (target) => {
  const { cookie: _, ...headers } = target.headers;
  return { ...target, headers };
};
