// The suite inside workerd, from a bundle of the sources.
import { beforeAll, describe } from 'vitest';
import type { Outcomes } from '../src/suite/perform.ts';
import { bundle, runner } from './conformance/bundle.ts';
import { missing, openWorld } from './conformance/native-run.ts';
import { reportScenarios } from './conformance/report.ts';
import { startWorker } from './conformance/workerd.ts';

describe.skipIf(missing('workerd'))(`workerd${missing('workerd')}`, () => {
  let outcomes: Outcomes = {};

  beforeAll(async () => {
    await using world = await openWorld('edge');
    await using program = await bundle(runner('worker'), 'workerd');
    await using worker = await startWorker(program);
    const { platform, control, deadPort } = world;
    const response = await fetch(worker.url, {
      method: 'POST',
      body: JSON.stringify({ platform, control, deadPort }),
    });
    outcomes = (await response.json()) as Outcomes;
  }, 240_000);

  reportScenarios(() => outcomes);
});
