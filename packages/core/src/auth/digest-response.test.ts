import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseAuthorization } from '../../test/auth/digest-server.ts';
import { parseChallenges } from './challenge.ts';
import { DIGEST_ALGORITHMS } from './digest-algorithms.ts';
import { type DigestChallenge, pickDigestChallenge } from './digest-challenge.ts';
import { digestAuthorization, digestKey, serverResponse } from './digest-response.ts';

const pick = (...values: string[]): DigestChallenge => {
  const challenge = pickDigestChallenge(parseChallenges(values), DIGEST_ALGORITHMS);
  if (!challenge) throw new Error('no challenge');
  return challenge;
};

const answer = (
  challenge: DigestChallenge,
  [user, password]: readonly [string, string],
  cnonce: string,
  uri: string,
): Record<string, string> => {
  const key = digestKey(challenge, user, password, cnonce);
  const message = { method: 'GET', uri, count: 1, cnonce };
  return Object.fromEntries(parseAuthorization(digestAuthorization(challenge, user, key, message)));
};

const OPAQUE = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS';
const NONCE = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const offer = (algorithm: string): string =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${NONCE}", opaque="${OPAQUE}"`;
const JASON = ['J\u00e4s\u00f8n Doe', 'Secret, or not?'] as const;
const jasonOffer = (userhash: boolean): string =>
  'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
  'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
  `opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=${userhash}`;
const JASON_CNONCE = 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v';

describe('the Digest response', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('is that of RFC 7616 3.9.1 for %s', (algorithm, response) => {
    const fields = answer(pick(offer(algorithm)), ['Mufasa', 'Circle of Life'], CNONCE, '/dir/index.html');
    expect(fields).toEqual({
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      uri: '/dir/index.html',
      algorithm,
      nonce: NONCE,
      nc: '00000001',
      cnonce: CNONCE,
      qop: 'auth',
      response,
      opaque: OPAQUE,
    });
  });

  // The values printed in the RFC come from SHA-512 cut to 256 bits; erratum 4897 has those of SHA-512/256.
  it('is that of RFC 7616 3.9.2 with userhash, as corrected by erratum 4897', () => {
    const fields = answer(pick(jasonOffer(true)), JASON, JASON_CNONCE, '/doe.json');
    expect(fields).toMatchObject({
      username: '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
      userhash: 'true',
      algorithm: 'SHA-512-256',
      response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    });
    expect(fields).not.toHaveProperty('username*');
    const cut = createHash('sha512').update(`${JASON[0]}:api@example.org`).digest('hex').slice(0, 64);
    expect(cut).toBe('488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec');
  });

  it('names a user beyond ASCII in username*, as in RFC 7616 3.9.2 without userhash', () => {
    const fields = answer(pick(jasonOffer(false)), JASON, JASON_CNONCE, '/doe.json');
    expect(fields).toMatchObject({
      'username*': "UTF-8''J%C3%A4s%C3%B8n%20Doe",
      response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    });
    expect(fields).not.toHaveProperty('username');
    expect(fields).not.toHaveProperty('userhash');
  });

  it('is that of RFC 2617 3.5, whose challenge names no algorithm', () => {
    const challenge = pick(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    const fields = answer(challenge, ['Mufasa', 'Circle Of Life'], '0a4f113b', '/dir/index.html');
    expect(fields).toMatchObject({ response: '6629fae49393a05397450978507c4ef1' });
    expect(fields).not.toHaveProperty('algorithm');
  });

  it('has neither nc, cnonce nor qop where the server offers no qop (RFC 2069)', () => {
    const challenge = pick('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"');
    const fields = answer(challenge, ['Mufasa', 'CircleOfLife'], 'unused', '/dir/index.html');
    // RFC 2069 2.4 with the response of erratum 749.
    expect(fields).toEqual({
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      uri: '/dir/index.html',
      response: '1949323746fe6a43ef61f9606e7febea',
    });
  });

  it('gives the rspauth that a server computes without the method', () => {
    const challenge = pick('Digest realm=r, nonce=n, qop=auth');
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const message = { method: 'POST', uri: '/x', count: 16, cnonce: 'c' };
    expect(serverResponse(challenge, digestKey(challenge, 'u', 'p', 'c'), message)).toBe(
      md5(`${md5('u:r:p')}:n:00000010:c:auth:${md5(':/x')}`),
    );
  });

  it('hashes the bytes of a realm that the server sent in UTF-8 or Latin-1, and sends them back', () => {
    const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
    for (const encoding of ['utf8', 'latin1'] as const) {
      const bytes = Buffer.from('caf\u00e9', encoding);
      const asRead = bytes.toString('latin1');
      const fields = answer(pick(`Digest realm="${asRead}", nonce=n`), ['u', 'p'], 'c', '/');
      expect(fields.realm).toBe(asRead);
      const key = md5(Buffer.concat([Buffer.from('u:'), bytes, Buffer.from(':p')]));
      expect(fields.response).toBe(md5(Buffer.from(`${key}:n:${md5(Buffer.from('GET:/'))}`)));
    }
    // A transport that decoded UTF-8 itself.
    expect(answer(pick('Digest realm="\u20ac", nonce=n'), ['u', 'p'], 'c', '/').realm).toBe(
      '\u00e2\u0082\u00ac',
    );
  });
});

describe('pickDigestChallenge', () => {
  const plain = 'realm=r, nonce=n';

  it.each<[string, string[], string | null]>([
    [
      'the strongest of several in one header',
      [`Digest ${plain}, Digest ${plain}, algorithm=SHA-256`],
      'SHA-256',
    ],
    [
      'the strongest of several headers',
      [`Digest ${plain}, algorithm=SHA-512-256`, `Digest ${plain}`],
      'SHA-512-256',
    ],
    ['MD5 where none is named', ['Basic realm=x', `Digest ${plain}`], 'MD5'],
    ['names in any case', [`DIGEST ${plain}, algorithm=sha-256-SESS`], 'SHA-256-sess'],
    ['quoted names', [`Digest ${plain}, algorithm="MD5"`], 'MD5'],
    ['an empty realm', ['Digest realm="", nonce=n'], 'MD5'],
    ['no unknown algorithm', [`Digest ${plain}, algorithm=SHA-1`], null],
    ['no algorithm of the prototype chain', [`Digest ${plain}, algorithm=constructor`], null],
    ['nothing without realm', ['Digest nonce=n'], null],
    ['nothing without nonce', ['Digest realm=r'], null],
    ['nothing with an empty nonce', ['Digest realm=r, nonce=""'], null],
    ['nothing with a NUL in the nonce', ['Digest realm=r, nonce="a\0b"'], null],
    ['nothing with only unknown qop', [`Digest ${plain}, qop="auth-conf"`], null],
    ['a known challenge beside an unknown', [`Digest ${plain}, algorithm=X, Digest ${plain}`], 'MD5'],
    ['no other scheme', ['Basic realm=x, nonce=n', 'Negotiate'], null],
  ])('takes %s', (_title, values, algorithm) => {
    expect(pickDigestChallenge(parseChallenges(values), DIGEST_ALGORITHMS)?.algorithm ?? null).toBe(
      algorithm,
    );
  });

  it.each<[string, DigestChallenge['qop']]>([
    ['qop="auth"', 'auth'],
    ['qop=auth', 'auth'],
    ['qop="auth-int, auth"', 'auth'],
    ['qop="auth-int,auth"', 'auth'],
    ['qop="auth,auth-int"', 'auth'],
    ['qop="AUTH"', 'auth'],
    ['qop="auth-int"', 'auth-int'],
    ['qop="token, auth-int"', 'auth-int'],
    ['qop=""', null],
    ['opaque=""', null],
  ])('reads %s', (field, qop) => {
    expect(pick(`Digest ${plain}, ${field}`).qop).toBe(qop);
  });

  it('takes only algorithms it is given, in their order', () => {
    const challenges = parseChallenges([
      `Digest ${plain}, algorithm=SHA-256, Digest ${plain}, algorithm=MD5`,
    ]);
    expect(pickDigestChallenge(challenges, ['MD5', 'SHA-256'])?.algorithm).toBe('MD5');
    expect(pickDigestChallenge(challenges, ['SHA-512-256'])).toBeNull();
  });

  it('reads stale, userhash and the domain list', () => {
    expect(
      pick(`Digest ${plain}, stale=TRUE, userhash=true, domain=" /a  https://b.example/c "`),
    ).toMatchObject({
      stale: true,
      userhash: true,
      domain: ['/a', 'https://b.example/c'],
    });
    expect(pick(`Digest ${plain}, stale=false, domain=""`)).toMatchObject({
      stale: false,
      userhash: false,
      domain: [],
    });
  });
});
