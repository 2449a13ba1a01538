import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { ScenarioServer, startMicrosocks, text } from '@httpsession/testing';
import type { SocketsWorld } from '../../src/runners/sockets.ts';
import { runToEnd } from './child.ts';

/** What `src/runners/sockets.ts` is to find, by what it tries. */
export const socketsOutcome: Readonly<Record<string, string>> = {
  socks5: 'plain,plain',
  socks5h: 'secure,secure',
  'socks5 with lookup': 'plain,plain',
  'wrong password': 'ProxyError',
  'wrong password, with lookup': 'ProxyError',
  'the pinned key': 'secure,secure',
  'another key': 'TLSError',
  'the pinned key of a stranger': 'TLSError',
};

/** Runs it against servers and a SOCKS proxy that lets in who knows the password. */
export const runSockets = async (command: string, args: readonly string[]): Promise<unknown> => {
  await using plain = await ScenarioServer.start();
  await using secure = await ScenarioServer.start({ tls: true });
  plain.otherwise(text('plain'));
  secure.otherwise(text('secure'));
  await using proxy = await startMicrosocks({ auth: { user: 'user', password: 'right' } });
  const world: SocketsWorld = {
    plain: plain.url('/'),
    secure: secure.url('/').replace('localhost', '127.0.0.1'),
    ca: secure.ca,
    pin: await pinOf(secure),
    socks: `user:right@127.0.0.1:${proxy.port}`,
  };
  return JSON.parse(await runToEnd(command, [...args, JSON.stringify(world)]));
};

const pinOf = async ({ port, ca }: ScenarioServer): Promise<string> => {
  const socket = connect({ host: '127.0.0.1', port, ca });
  await once(socket, 'secureConnect');
  const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
  socket.destroy();
  return `sha256/${createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')}`;
};
