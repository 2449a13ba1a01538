// The suite in this process: on Node 20, and on others by the steps of packages/tooling/src/steps.mjs.
import { type ControlServer, startControlServer } from '@httpsession/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { nameOf, type World } from '../src/suite/harness.ts';
import { perform } from '../src/suite/perform.ts';
import { suite } from '../src/suite/topics.ts';
import { freePort } from './conformance/child.ts';

let control: ControlServer;
let world: World;

beforeAll(async () => {
  control = await startControlServer();
  world = { platform: 'node', control: control.url, deadPort: await freePort() };
});

afterAll(() => control.close());

describe(`Node ${process.versions.node}`, () => {
  for (const scenario of suite) it(nameOf(scenario), () => perform(scenario, world));
});
