export {
  type Bytes,
  brotlied,
  cut,
  deflated,
  deflatedRaw,
  gzipped,
  joined,
  latin1,
  repeated,
} from './bytes.ts';
export type { CertificateChoice, CertificatePair, TestAuthority } from './certificates.ts';
export { testAuthority } from './certificates.ts';
export type { Exchange } from './exchange.ts';
export type { RecordedConnection, RecordedTls } from './recorded-connection.ts';
export type { RecordedRequest } from './recorded-request.ts';
export { ScenarioServer, type ScenarioServerOptions } from './scenario-server.ts';
export { ConnectionGone, type ConnectScript, type Script, type ScriptFunction } from './script.ts';
export {
  answerEarly,
  at,
  type ChunkedSpec,
  type Condition,
  chunked,
  close,
  drip,
  echo,
  forward,
  type HeaderInput,
  type HeadSpec,
  halfClose,
  head,
  json,
  type Moment,
  type Pace,
  proceed,
  type ResponseSpec,
  raw,
  readAgain,
  readBody,
  readNothing,
  redirect,
  repeat,
  reset,
  respond,
  type Step,
  sequence,
  sleep,
  stall,
  type TunnelSpec,
  text,
  together,
  tunnel,
  when,
  whileIdle,
} from './steps.ts';
export type { TlsChoice, TlsSetting } from './tls-listener.ts';
export type { WaitOptions } from './waiters.ts';
export type { Wire } from './wire.ts';
