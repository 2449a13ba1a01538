import type { Exchange } from './exchange.ts';
import type { Step } from './steps.ts';
import type { Wire } from './wire.ts';

/** A script written as code, for what steps cannot say. It runs from the headers on; local servers only. */
export type ScriptFunction = (exchange: Exchange) => Promise<unknown> | unknown;

/** What answers a request: steps, a function, or a sequence or choice that mixes them. */
export type Script =
  | Step
  | ScriptFunction
  | { readonly sequence: readonly Script[] }
  | { readonly when: import('./steps.ts').Condition; readonly do: Script; readonly otherwise: Script };

/** What meets a connection before its first request. */
export type ConnectScript =
  | Step
  | ((wire: Wire) => Promise<unknown> | unknown)
  | { readonly sequence: readonly ConnectScript[] };

/** The connection is gone or the client has stopped sending: the script ends there, which is no failure of the script. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';

  constructor() {
    super('the connection is gone');
  }
}
