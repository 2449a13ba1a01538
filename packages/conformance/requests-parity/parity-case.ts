import type { ProxyServer, ScenarioServer, TlsSetting } from '@httpsession/testing';
import type { Session, SessionOptions } from 'httpsession';

/** `a` and `b` are two origins of 127.0.0.1, `t` speaks TLS as `localhost`, `proxy` forwards and tunnels any host name. */
export type ServerName = 'a' | 'b' | 't' | 'proxy';

/** The servers of one case. Asking for one that the case does not use throws. */
export interface Servers {
  readonly a: ScenarioServer;
  readonly b: ScenarioServer;
  readonly t: ScenarioServer;
  readonly proxy: ProxyServer;
}

/** What a case's own side works with. */
export interface Bench extends Servers {
  /** A session of ours, closed when the case ends. */
  session(options?: SessionOptions): Session;
  /** The files of `files`, by name. */
  readonly paths: Readonly<Record<string, string>>;
  /** The origin of a port that refuses connections. */
  readonly refused: string;
  /** The origin of a port that accepts no connection and refuses none. */
  readonly full: string;
  /** The test authority's certificate, PEM. */
  readonly ca: string;
}

/** One request as a server saw it: method, target, the headers that the case compares, body, number of the connection. */
export type LogEntry = readonly [
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  connection: number,
];

/** What happened: on the wire by server, and to the caller. JSON, with origins replaced by `{A}`, `{B}`, `{T}`, `{P}`. */
export interface ParityRecord {
  readonly log: Readonly<Partial<Record<ServerName, readonly LogEntry[]>>>;
  readonly outcome: unknown;
}

interface CommonCase {
  /** The id of PARITY.md section 3. */
  readonly id: string;
  /** The rows of PARITY.md section 1 that the case shows. */
  readonly rows: readonly number[];
  /** The behaviour in one sentence. */
  readonly title: string;
  /** @defaultValue ['a'] */
  readonly uses?: readonly ServerName[];
  /** How `t` speaks TLS. @defaultValue true */
  readonly tls?: TlsSetting;
  /** Scripts the servers, for either side afresh. @defaultValue each server echoes what arrives, as JSON */
  readonly script?: (servers: Servers) => void;
  /** The request headers to compare, in lower case. @defaultValue authorization, cookie, content-type */
  readonly headers?: readonly string[];
  /** Bodies as text, as their chunks joined with `|`, or not at all. @defaultValue 'text' */
  readonly bodies?: 'text' | 'chunks' | 'ignored';
  /** The requests overlap, and chance decides which connection serves whom: connections are counted, requests sorted. */
  readonly concurrent?: true;
  /** Environment variables of both sides. `{A}`, `{P}`, `{P.host}` ... and `{file:name}` are filled in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files of both sides by name, found through `paths` and `F('name')`: text, `{CA}` or `{CLIENT}` (a certificate with its key). */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * The operation in Python: `requests`, `A B T P REFUSED FULL CA F(name)`, `seen(response)`, `failure(function)` are there; the outcome is
   * what it leaves in `out`.
   */
  readonly python: string;
  /** The same operation here. Returns the outcome. */
  readonly ours: (bench: Bench) => unknown;
  /** Why this case does not hold yet. The suite prints it, and fails once it does hold. */
  readonly knownGap?: string;
}

/** The same semantics: the normalised records are equal. */
export interface SameCase extends CommonCase {
  readonly want: '=';
}

/** The same meaning in other bytes: what `meaning` makes of the records is equal. */
export interface AlikeCase extends CommonCase {
  readonly want: '~';
  readonly meaning: (record: ParityRecord) => unknown;
}

/** Deliberately better: what is stated holds here, and does not hold in requests. */
export interface BetterCase extends CommonCase {
  readonly want: '>';
  readonly reason: string;
  readonly expected: Partial<ParityRecord>;
}

export type ParityCase = SameCase | AlikeCase | BetterCase;
