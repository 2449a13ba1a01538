import { authCases } from './cases/auth.ts';
import { bodyCases } from './cases/bodies.ts';
import { cookieCases } from './cases/cookies.ts';
import { headerCases } from './cases/headers.ts';
import { hookAndTransportCases } from './cases/hooks-and-transports.ts';
import { objectCases } from './cases/objects.ts';
import { proxyCases } from './cases/proxies.ts';
import { redirectCases } from './cases/redirects.ts';
import { responseCases } from './cases/responses.ts';
import { retryCases } from './cases/retries.ts';
import { timeoutCases } from './cases/timeouts.ts';
import { tlsAndSessionCases } from './cases/tls-and-sessions.ts';
import { urlCases } from './cases/urls.ts';
import type { ParityCase } from './parity-case.ts';

/** The differential cases of PARITY.md section 3, and those of its oracle column that rows need. */
export const parityCases: readonly ParityCase[] = [
  ...headerCases,
  ...urlCases,
  ...bodyCases,
  ...cookieCases,
  ...redirectCases,
  ...authCases,
  ...proxyCases,
  ...timeoutCases,
  ...responseCases,
  ...hookAndTransportCases,
  ...retryCases,
  ...tlsAndSessionCases,
  ...objectCases,
];
