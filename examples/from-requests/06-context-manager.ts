// The session closes its connections when the block ends.
import { Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

{
  await using session = new Session({ baseUrl: base });
  console.log('inside:', (await session.get('/account')).status);
}
console.log('closed');
