import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { startControlServer } from '@httpsession/testing';
import { outcomesIn, worldVariable } from '../../src/runners/world.ts';
import type { Platform, World } from '../../src/suite/harness.ts';
import type { Outcomes } from '../../src/suite/perform.ts';
import { freePort } from './child.ts';

/** The program that an npm package of this workspace brings. */
export const binary = (name: string): string =>
  new URL(`../../node_modules/.bin/${name}`, import.meta.url).pathname;

/** Why a runtime cannot be tested here; empty when it can. */
export const missing = (name: string, path = binary(name)): string =>
  existsSync(path) ? '' : `, which is not at ${path}`;

/** A world of a platform, with the control server that it names. */
export const openWorld = async (platform: Platform): Promise<World & AsyncDisposable> => {
  const control = await startControlServer();
  return {
    platform,
    control: control.url,
    deadPort: await freePort(),
    [Symbol.asyncDispose]: () => control.close(),
  };
};

/** What a runtime's own test runner said. */
export interface NativeRun {
  readonly outcomes: Outcomes;
  readonly code: number | null;
  readonly output: string;
}

/** Runs the suite by a runtime's own test runner. */
export const runNatively = async (
  command: string,
  args: readonly string[],
  { platform, control, deadPort }: World,
): Promise<NativeRun> => {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
    env: {
      ...withoutProxies(),
      NO_COLOR: '1',
      [worldVariable]: JSON.stringify({ platform, control, deadPort }),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { outcomes: outcomesIn(output), code, output };
};

const withoutProxies = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
