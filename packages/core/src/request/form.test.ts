import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeForm, FORM_CONTENT_TYPE } from './form.ts';

describe('encodeForm', () => {
  it('encodes lists, null, booleans, numbers and special characters', () => {
    const form = encodeForm({ a: '1 2', b: ['x', null, 'y'], c: null, d: true, e: 3, f: 'é&=', g: '' });
    expect(form).toBe('a=1+2&b=x&b=y&d=true&e=3&f=%C3%A9%26%3D&g=');
  });

  it('names the field that cannot be sent', () => {
    expect(() => encodeForm({ file: new Blob(['x']) as unknown as string })).toThrow(
      /^form\.file must be .* got a Blob$/,
    );
  });

  it('has a content type without charset', () => {
    expect(FORM_CONTENT_TYPE).toBe('application/x-www-form-urlencoded');
  });

  it('is read back as it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (pairs) => {
        expect([...new URLSearchParams(encodeForm(pairs))]).toEqual(pairs);
      }),
    );
  });
});
