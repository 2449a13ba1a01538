// The built session, as an application on Node imports it.
export { basic, CookieJar, Session } from 'httpsession';
