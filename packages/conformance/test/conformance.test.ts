// The suite in this process: on Node 20, and on others by the steps of packages/tooling/src/steps.mjs.
import { type ControlServer, startControlServer } from '@httpsession/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  it('is the one that the step asked for', () => {
    const [major] = process.versions.node.split('.');
    expect(major).toBe(process.env.HTTPSESSION_NODE_MAJOR ?? major);
  });
  for (const scenario of suite) it(nameOf(scenario), () => perform(scenario, world));
});
