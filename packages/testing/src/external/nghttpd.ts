import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificatePair } from '../server-options.ts';
import {
  type ExternalProgram,
  findProgram,
  freePort,
  startProgram,
  temporaryDirectory,
} from './external-program.ts';

/** What nghttpd serves, and with which certificate. */
export interface NghttpdOptions {
  /** Certificate and key of the server, PEM. */
  readonly certificate: CertificatePair;
  /** Files of its root directory, by name; with `echo-upload` a request body comes back instead. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Sends request bodies back. @defaultValue false */
  readonly echo?: boolean;
  /** SETTINGS_MAX_CONCURRENT_STREAMS. @defaultValue 100 */
  readonly maxStreams?: number;
}

/** Why nghttpd cannot be started here, `undefined` when it can: the reason a test is skipped with. */
export const nghttpdMissing = (): string | undefined =>
  findProgram('nghttpd') === undefined ? 'nghttpd is not installed' : undefined;

/** Starts nghttpd, the HTTP/2 server of nghttp2, with TLS on 127.0.0.1. */
export async function startNghttpd(options: NghttpdOptions): Promise<ExternalProgram> {
  const command = findProgram('nghttpd');
  if (command === undefined) throw new Error('nghttpd is not installed');
  const directory = await temporaryDirectory('nghttpd');
  const port = await freePort();
  const { cert, key } = options.certificate;
  const files = { 'cert.pem': cert, 'key.pem': key, ...options.files };
  await Promise.all(
    Object.entries(files).map(([name, content]) => writeFile(join(directory, name), content)),
  );
  const parameters = [
    '--address=127.0.0.1',
    `--htdocs=${directory}`,
    `--max-concurrent-streams=${options.maxStreams ?? 100}`,
    ...(options.echo === true ? ['--echo-upload'] : []),
    String(port),
    join(directory, 'key.pem'),
    join(directory, 'cert.pem'),
  ];
  return startProgram(command, parameters, port, directory);
}
