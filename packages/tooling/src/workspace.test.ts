import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { childEnvironment, findProgram, npxCommand, satisfiesFloor } from './workspace.mjs';

describe('satisfiesFloor', () => {
  it.each([
    ['20.18.1', true],
    ['20.18.0', false],
    ['20.9.9', false],
    ['20.20.0', true],
    ['18.99.99', false],
    ['26.0.0', true],
  ])('judges Node %s against >=20.18.1: %s', (version, expected) => {
    expect(satisfiesFloor(version, '>=20.18.1')).toBe(expected);
  });
});

it('puts the Node that runs before any other on PATH', () => {
  expect(childEnvironment().PATH?.split(delimiter)[0]).toBe(dirname(process.execPath));
});

it('finds a program that is there and none that is not', () => {
  expect(findProgram('sh')).toMatch(/\/sh$/);
  expect(findProgram('no-such-program-anywhere')).toBeUndefined();
});

it('runs npx without a shell', () => {
  const [program, script] = npxCommand();
  expect([program, script === undefined || existsSync(script)]).toEqual([process.execPath, true]);
});
