// Runs one operation under the profiler, in a process of its own, and tells the summary.
import { Session as Inspector } from 'node:inspector/promises';
import { inFlight } from '../measure/in-flight.mjs';
import { openOperation } from './operations.mjs';
import { summarise } from './summary.mjs';

process.once('message', async ({ name, target, count, concurrency }) => {
  const { operation, close } = await openOperation(name, target);
  await inFlight(operation, count / 2, concurrency);

  const inspector = new Inspector();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 100 });
  await inspector.post('Profiler.start');
  const before = process.cpuUsage();
  await inFlight(operation, count, concurrency);
  const { user, system } = process.cpuUsage(before);
  const { profile } = await inspector.post('Profiler.stop');
  await close();
  process.send({ user: user / count, system: system / count, ...summarise(profile) }, () => process.exit());
});
