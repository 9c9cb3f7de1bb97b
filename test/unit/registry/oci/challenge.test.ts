import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenges } from '../../../../lib/registry/oci/challenge.ts';

describe('the challenges of a registry', () => {
  it.each([
    [
      'Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          { realm: 'https://auth.example/token', service: 'reg', scope: 'repository:a/b:pull,push' },
        ],
      ],
    ],
    ['BASIC Realm="a \\"quoted\\" realm"', [['basic', { realm: 'a "quoted" realm' }]]],
    [
      'Basic realm="a", Bearer realm="b",service="c"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b', service: 'c' }],
      ],
    ],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate abc123==, Bearer realm="x"',
      [
        ['negotiate', {}],
        ['bearer', { realm: 'x' }],
      ],
    ],
    ['Bearer realm = "x" , service = y', [['bearer', { realm: 'x', service: 'y' }]]],
    [
      'Bearer realm=https://auth.example/token,service=reg',
      [['bearer', { realm: 'https://auth.example/token', service: 'reg' }]],
    ],
    ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
    ['Bearer realm="not closed', [['bearer', { realm: 'not closed' }]]],
    ['Bearer __proto__="x",realm="y"', [['bearer', { ['__proto__']: 'x', realm: 'y' }]]],
    ['', []],
    ['"only a string"', []],
  ])('in %j are read', (header, expected) => {
    const read = parseChallenges(header).map(({ scheme, parameters }) => [
      scheme,
      Object.entries(parameters),
    ]);
    expect(read).toEqual(expected.map(([scheme, parameters]) => [scheme, Object.entries(parameters!)]));
  });

  it('are none without the header', () => {
    expect(parseChallenges(null)).toEqual([]);
  });

  it('are read to the end of any text', () => {
    const piece = fc.constantFrom('Bearer', 'realm', '=', '"', '\\', ',', ' ', 'x', '/', '\u00e9', '==');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
        expect(Array.isArray(parseChallenges(pieces.join('')))).toBe(true);
      }),
    );
  });

  it('give back any realm that was quoted', () => {
    fc.assert(
      fc.property(fc.string(), realm => {
        const header = `Bearer realm="${realm.replace(/["\\]/g, '\\$&')}",service="s"`;
        expect(parseChallenges(header)[0]!.parameters).toMatchObject({ realm, service: 's' });
      }),
    );
  });
});
