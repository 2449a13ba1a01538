import { headBytes } from './response-bytes.ts';
import type { ConnectScript } from './script.ts';
import type { Moment, Step } from './steps.ts';
import type { Wire } from './wire.ts';

/** The moment a connection script waits for: before TLS unless it says otherwise. */
export function connectMoment(script: ConnectScript): Moment {
  if (typeof script === 'function') return 'accept';
  if ('sequence' in script)
    return script.sequence[0] === undefined ? 'accept' : connectMoment(script.sequence[0]);
  return 'at' in script ? script.at : 'accept';
}

/** Runs a script for a connection, before its first request. */
export async function runConnectScript(script: ConnectScript, wire: Wire): Promise<void> {
  if (typeof script === 'function') {
    await script(wire);
    return;
  }
  if ('sequence' in script) {
    for (const step of script.sequence) await runConnectScript(step, wire);
    return;
  }
  return effect(script, wire);
}

async function effect(step: Step, wire: Wire): Promise<void> {
  if ('raw' in step)
    return step.pace === undefined ? wire.write(step.raw) : wire.writeSlowly(step.raw, step.pace);
  if ('head' in step) return wire.write(headBytes(step.head));
  if ('sleep' in step) return wire.sleep(step.sleep);
  if ('stall' in step) return wire.stall();
  if ('close' in step) return wire.close(step.close);
  if ('reset' in step) return wire.reset();
  if ('halfClose' in step) return wire.halfClose();
  if ('readNothing' in step) return wire.readNothing();
  if ('readAgain' in step) return wire.readAgain();
  if ('together' in step) return wire.together(() => runConnectScript({ sequence: step.together }, wire));
  if ('repeat' in step) {
    const times = step.times === 'forever' ? Number.POSITIVE_INFINITY : step.times;
    for (let turn = 0; turn < times; turn += 1) await runConnectScript({ sequence: step.repeat }, wire);
  }
}
