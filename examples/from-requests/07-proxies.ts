// A proxy for a session, and none for one call. http, https, socks4, socks4a, socks5 and socks5h URLs are taken.
import { Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000', proxy = 'http://127.0.0.1:3128'] = process.argv.slice(2);

await using session = new Session({ trustEnv: false, proxy: { http: proxy } });
console.log('through the proxy:', await session.get('http://somewhere.test/hello').text());
console.log('directly:', await session.get(`${base}/hello`, { proxy: null }).text());
