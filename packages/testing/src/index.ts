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
export { type TestAuthority, testAuthority } from './certificates.ts';
export { type ControlServer, type ControlServerOptions, startControlServer } from './control-server.ts';
export type { Exchange } from './exchange.ts';
export type { ExternalProgram } from './external/external-program.ts';
export { type Httpbin, httpbinMissing, startHttpbin } from './external/httpbin.ts';
export { type MicrosocksOptions, microsocksMissing, startMicrosocks } from './external/microsocks.ts';
export { type NghttpdOptions, nghttpdMissing, startNghttpd } from './external/nghttpd.ts';
export { type Squid, type SquidOptions, squidMissing, startSquid } from './external/squid.ts';
export { ProxyServer, type RecordedTunnel } from './proxy-server.ts';
export type { RecordedConnection, RecordedTls } from './recorded-connection.ts';
export type { RecordedRequest } from './recorded-request.ts';
export { ScenarioServer } from './scenario-server.ts';
export { ConnectionGone, type ConnectScript, type Script, type ScriptFunction } from './script.ts';
export type {
  CertificateChoice,
  CertificatePair,
  ProxyServerOptions,
  ScenarioServerOptions,
  TlsChoice,
  TlsSetting,
  TlsVersion,
} from './server-options.ts';
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
export type { WaitOptions } from './waiters.ts';
export type { Wire } from './wire.ts';
