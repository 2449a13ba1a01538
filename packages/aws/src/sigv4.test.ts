import { Session } from '@httpsession/core';
import { nodePlatform } from '@httpsession/node';
import { describe, expect, it } from 'vitest';
import { type SigV4Options, sigv4 } from './sigv4.ts';

// The credentials of AWS's published test suite (aws-sig-v4-test-suite) and of the S3 documentation.
const suite: SigV4Options = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
  now: () => new Date('2015-08-30T12:36:00Z'),
};
const s3: SigV4Options = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 's3',
  now: () => new Date('2013-05-24T00:00:00Z'),
};

const session = new Session({ headers: null, trustEnv: false }, nodePlatform);
const sign = async (
  options: SigV4Options,
  method: string,
  url: string,
  call: Parameters<typeof session.prepare>[2] = {},
) => {
  const request = session.prepare(method, url, call);
  const { sign: signer } = sigv4(options);
  if (signer === undefined) throw new Error('unreachable');
  return signer(request);
};
const authorization = async (...given: Parameters<typeof sign>): Promise<string> =>
  (await sign(...given)).header('authorization') ?? '';

describe('sigv4 agrees with the published vectors', () => {
  it.each<[string, string, string, string]>([
    ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-unreserved',
      'GET',
      '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
      '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    ],
  ])('%s', async (_name, method, path, signature) => {
    expect(await authorization(suite, method, `https://example.amazonaws.com${path}`)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    );
  });

  it.each<[string, string, string]>([
    [
      'GET Bucket Lifecycle',
      '/?lifecycle',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET Bucket (List Objects)',
      '/?max-keys=2&prefix=J',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('S3: %s', async (_name, path, signature) => {
    const signed = await sign(s3, 'GET', `https://examplebucket.s3.amazonaws.com${path}`);
    expect(signed.header('authorization')).toContain(
      `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
    );
    expect(signed.header('x-amz-content-sha256')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
});

describe('sigv4', () => {
  it('changes no request: it signs a copy', async () => {
    const request = session.prepare('GET', 'https://example.amazonaws.com/');
    await sigv4(suite).sign?.(request);
    expect(request.header('authorization')).toBeUndefined();
  });

  it('reads a body that is not in memory, and refuses a one-shot stream', async () => {
    const url = 'https://example.amazonaws.com/';
    const blob = await authorization(suite, 'PUT', url, { body: new Blob(['abc']) });
    expect(blob).toBe(await authorization(suite, 'PUT', url, { body: 'abc' }));
    const body = new ReadableStream<Uint8Array>();
    await expect(sign(suite, 'PUT', url, { body })).rejects.toMatchObject({
      code: 'ERR_BODY_NOT_REPLAYABLE',
    });
  });

  it('leaves the body out only for S3 over https, and only when asked', async () => {
    const unsigned = { ...s3, payload: 'unsigned' } as const;
    const body = new ReadableStream<Uint8Array>();
    const signed = await sign(unsigned, 'PUT', 'https://b.s3.amazonaws.com/k', { body });
    expect(signed.header('x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD');
    await expect(sign(unsigned, 'PUT', 'http://b.s3.amazonaws.com/k', { body: 'x' })).rejects.toThrow(
      /https alone/,
    );
    expect(() => sigv4({ ...suite, payload: 'unsigned' })).toThrow(/is for the service s3/);
  });

  it('refuses a Host header that is not the signed one', async () => {
    await expect(
      sign(suite, 'GET', 'https://example.amazonaws.com/', { headers: { host: 'other.test' } }),
    ).rejects.toThrow(/Host header/);
  });

  it.each<[object, RegExp]>([
    [{ accessKeyId: '' }, /accessKeyId must be text/],
    [{ secretAccessKey: undefined }, /secretAccessKey must be text.*got undefined/],
    [{ secretAccessKey: 'se cret' }, /secretAccessKey must be text/],
    [{ region: 5 }, /region must be text.*got number/],
    [{ sessionToken: 'a\r\nb' }, /sessionToken must be text/],
    [{ payload: 'none' }, /payload must be/],
    [{ now: 5 }, /now must be a function/],
    [{ secret: 'x' }, /secret is not an option/],
  ])('refuses %j', (change, message) => {
    expect(() => sigv4({ ...suite, ...change } as SigV4Options)).toThrow(TypeError);
    expect(() => sigv4({ ...suite, ...change } as SigV4Options)).toThrow(message);
    expect(() => sigv4({ ...suite, ...change } as SigV4Options)).not.toThrow(/se cret/);
  });

  it('shows no secret when it is printed', async () => {
    const { inspect } = await import('node:util');
    expect(inspect(sigv4(suite), { depth: 9, showHidden: true })).not.toContain(suite.secretAccessKey);
    expect(JSON.stringify(sigv4(suite))).not.toContain(suite.secretAccessKey);
  });
});
