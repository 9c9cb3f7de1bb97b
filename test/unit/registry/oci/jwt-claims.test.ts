import { describe, expect, it } from '@jest/globals';
import { jwtClaims } from '../../../../lib/registry/oci/jwt-claims.ts';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('jwtClaims', () => {
  it('are what the token says of itself', () => {
    expect(jwtClaims(`${encoded({ alg: 'none' })}.${encoded({ sub: 'ä', exp: 7 })}.x`)).toEqual({
      sub: 'ä',
      exp: 7,
    });
  });

  it.each(['', 'opaque', 'a.b', 'a.b.c', `a.${encoded('text')}.c`, `a.${encoded(null)}.c`])(
    'are none where %j is no such token',
    token => {
      expect(jwtClaims(token)).toEqual({});
    },
  );
});
