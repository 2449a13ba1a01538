import { authCases } from './cases/auth.ts';
import { bodyCases } from './cases/bodies.ts';
import { cookieCases } from './cases/cookies.ts';
import { headerCases } from './cases/headers.ts';
import { proxyCases } from './cases/proxies.ts';
import { redirectCases } from './cases/redirects.ts';
import { responseCases } from './cases/responses.ts';
import { timeoutCases } from './cases/timeouts.ts';
import { urlCases } from './cases/urls.ts';
import type { ParityCase } from './parity-case.ts';

/** The differential cases of PARITY.md section 3. */
export const parityCases: readonly ParityCase[] = [...headerCases, ...urlCases, ...bodyCases, ...cookieCases, ...redirectCases, ...authCases, ...proxyCases, ...timeoutCases, ...responseCases];
