import {
  type ExternalProgram,
  findProgram,
  freePort,
  startProgram,
  temporaryDirectory,
} from './external-program.ts';

/** Who may use the proxy. */
export interface MicrosocksOptions {
  /** @defaultValue everybody */
  readonly auth?: { readonly user: string; readonly password: string };
}

/** Why microsocks cannot be started here, `undefined` when it can: the reason a test is skipped with. */
export const microsocksMissing = (): string | undefined =>
  findProgram('microsocks') === undefined ? 'microsocks is not installed' : undefined;

/** Starts microsocks, a SOCKS 5 proxy, on 127.0.0.1. */
export async function startMicrosocks({ auth }: MicrosocksOptions = {}): Promise<ExternalProgram> {
  const command = findProgram('microsocks');
  if (command === undefined) throw new Error('microsocks is not installed');
  const port = await freePort();
  const credentials = auth === undefined ? [] : ['-u', auth.user, '-P', auth.password];
  const parameters = ['-i', '127.0.0.1', '-p', String(port), ...credentials];
  return startProgram(command, parameters, port, await temporaryDirectory('microsocks'));
}
