// Runs one operation under the profiler and tells the summary: node worker.mjs ORIGIN NAME COUNT CONCURRENCY
import { Session as Inspector } from 'node:inspector/promises';
import { busySession, idleSession, url as instantUrl } from '../clients/instant.mjs';
import { openPeers } from '../clients/peers.mjs';
import { inFlight } from '../measure/in-flight.mjs';
import { summarise } from './summary.mjs';

const [origin, name, count, concurrency] = process.argv.slice(2);

const open = async () => {
  if (name === 'pipeline, every layer on') {
    const session = busySession();
    return { operation: () => session.get(instantUrl), close: () => session.close() };
  }
  if (name === 'pipeline, idle') {
    const session = idleSession();
    return { operation: () => session.get(instantUrl), close: () => session.close() };
  }
  const [client] = await openPeers({ origin }, [name]);
  return { operation: () => client.get(`${origin}/json`), close: () => client.close() };
};

const { operation, close } = await open();
await inFlight(operation, Number(count) / 2, Number(concurrency));

const inspector = new Inspector();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.setSamplingInterval', { interval: 100 });
await inspector.post('Profiler.start');
const before = process.cpuUsage();
await inFlight(operation, Number(count), Number(concurrency));
const { user, system } = process.cpuUsage(before);
const { profile } = await inspector.post('Profiler.stop');
process.send({ user: user / Number(count), system: system / Number(count), ...summarise(profile) });
await close();
process.disconnect();
