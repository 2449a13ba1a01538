// Retries are an option. urllib3Retry takes a tuned policy over, in urllib3's own units; our own policy is the default.
import { RetryError, Session, urllib3Retry } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session({
  baseUrl: base,
  retry: urllib3Retry({
    total: 3,
    backoffFactor: 0.05, // seconds
    statusForcelist: [502, 503, 504],
    allowedMethods: ['GET'],
  }),
});

const response = await session.get('/flaky');
console.log(response.status, await response.text());
console.log('retries:', response.history.filter(({ tag }) => tag === 'retry').length);

try {
  await session.get('/down');
} catch (error) {
  if (!(error instanceof RetryError)) throw error;
  console.log('/down stayed down');
}
