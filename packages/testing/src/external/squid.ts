import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ExternalProgram,
  findProgram,
  freePort,
  startProgram,
  temporaryDirectory,
} from './external-program.ts';

/** How squid asks for credentials, and which. */
export interface SquidOptions {
  /** @defaultValue no authentication */
  readonly auth?: { readonly scheme: 'basic' | 'digest'; readonly user: string; readonly password: string };
  /** Names that lead to 127.0.0.1, for squid alone. */
  readonly names?: readonly string[];
}

/** A running squid. */
export interface Squid extends ExternalProgram {
  /** Its access log so far: one line per request, with status, method, target and user. */
  log(): Promise<string>;
}

/** Why squid cannot be started here, `undefined` when it can: the reason a test is skipped with. */
export const squidMissing = (): string | undefined =>
  findProgram('squid') === undefined ? 'squid is not installed' : undefined;

/** Starts a squid of our own on 127.0.0.1: no cache, one process, its files in a directory that goes with it. */
export async function startSquid(options: SquidOptions = {}): Promise<Squid> {
  const command = findProgram('squid');
  if (command === undefined) throw new Error('squid is not installed');
  const directory = await temporaryDirectory('squid');
  // Started by root, squid becomes the user `proxy` before it opens its files.
  await chmod(directory, 0o777);
  const port = await freePort();
  const names = options.names ?? [];
  await writeFile(join(directory, 'hosts'), names.map((name) => `127.0.0.1 ${name}\n`).join(''));
  await writeFile(join(directory, 'squid.conf'), await configuration(directory, port, options));
  // The service name keeps the shared memory of two squids apart.
  const service = `httpsession${port}`;
  const parameters = ['-N', '-n', service, '-f', join(directory, 'squid.conf')];
  // A squid that is asked to end takes two seconds for it. Its helpers end when their input does.
  const program = await startProgram(command, parameters, port, directory, 'SIGKILL');
  return {
    port,
    log: () => readFile(join(directory, 'access.log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      const leftovers = ['metadata', 'queues', 'readers'].map(
        (part) => `/dev/shm/${service}-cf__${part}.shm`,
      );
      await Promise.all(leftovers.map((path) => rm(path, { force: true })));
    },
  };
}

async function configuration(directory: string, port: number, { auth }: SquidOptions): Promise<string> {
  const access =
    auth === undefined
      ? ['http_access allow all']
      : [
          ...(auth.scheme === 'basic' ? await basicAuth(directory, auth) : await digestAuth(directory, auth)),
          'acl known proxy_auth REQUIRED',
          'http_access allow known',
          'http_access deny all',
        ];
  const lines = [
    `http_port 127.0.0.1:${port}`,
    'visible_hostname squid.test',
    `hosts_file ${join(directory, 'hosts')}`,
    `pid_filename ${join(directory, 'squid.pid')}`,
    'logformat short %>Hs %rm %ru %un',
    `access_log stdio:${join(directory, 'access.log')} short`,
    `cache_log ${join(directory, 'cache.log')}`,
    `coredump_dir ${directory}`,
    'cache deny all',
    'cache_mem 8 MB',
    'netdb_filename none',
    'pinger_enable off',
    'memory_cache_shared off',
    ...access,
  ];
  return `${lines.join('\n')}\n`;
}

type Credentials = NonNullable<SquidOptions['auth']>;

/** A helper that knows one pair: squid asks it `user password` per line, each escaped as in RFC 1738. */
async function basicAuth(directory: string, { user, password }: Credentials): Promise<string[]> {
  const helper = join(directory, 'basic-auth.sh');
  const expected = `${escaped(user)} ${escaped(password)}`.replaceAll("'", "'\\''");
  await writeFile(
    helper,
    `while read -r pair; do [ "$pair" = '${expected}' ] && echo OK || echo ERR; done\n`,
  );
  return [
    `auth_param basic program /bin/sh ${helper}`,
    'auth_param basic children 1',
    'auth_param basic realm test',
  ];
}

async function digestAuth(directory: string, { user, password }: Credentials): Promise<string[]> {
  const file = join(directory, 'digest-passwords');
  await writeFile(file, `${user}:${password}\n`);
  return [
    `auth_param digest program /usr/lib/squid/digest_file_auth ${file}`,
    'auth_param digest children 1',
    'auth_param digest realm test',
  ];
}

const escaped = (text: string): string =>
  text.replace(/[<>"#%{}|\\^~[\]`' ]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
