// Certificates are checked; a CA of one's own can be trusted, and a check be left out for one call.
import { Session, TLSError } from 'httpsession';

const [, , secure = 'https://localhost:8443', ca = 'ca.pem'] = process.argv.slice(2);

await using strict = new Session();
try {
  await strict.get(`${secure}/hello`);
} catch (error) {
  if (!(error instanceof TLSError)) throw error;
  console.log('not trusted');
}
console.log('unchecked:', (await strict.get(`${secure}/hello`, { tls: { verify: false } })).status);
await using session = new Session({ tls: { ca } });
console.log('checked:', (await session.get(`${secure}/hello`)).status);
