import { describe, expect, it } from '@jest/globals';
import { createHookAuthorizer } from '../../../lib/server/hook-authorizer.ts';

const CURRENT = 'current-secret-0123456789';
const PREVIOUS = 'previous-secret-0123456789';

function setUp(values: Record<string, readonly string[]>, hooks = [{ name: 'contoso', secret: 'arn' }]) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const broken = { now: false };
  const authorize = createHookAuthorizer({
    hooks,
    stored: async secret => {
      asked.push(secret);
      if (broken.now) throw new Error('not now');
      return values[secret] ?? [];
    },
    now: () => clock.now,
  });
  return {
    clock,
    asked,
    broken,
    values,
    opens: (secret: string) => authorize(`Bearer ${secret}`),
    authorize,
  };
}

describe('createHookAuthorizer', () => {
  it('lets in with the current secret and with the one before', async () => {
    const { opens } = setUp({ arn: [CURRENT, PREVIOUS] });
    expect([await opens(CURRENT), await opens(PREVIOUS), await opens(`${CURRENT}x`)]).toEqual([
      ['contoso'],
      ['contoso'],
      [],
    ]);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', `Basic ${CURRENT}`, CURRENT, `Bearer ${CURRENT} more`])(
    'lets nobody in with the header %j, and asks for nothing',
    async header => {
      const { authorize, asked } = setUp({ arn: [CURRENT] });
      expect([await authorize(header), asked]).toEqual([[], []]);
    },
  );

  it.each(['', ' ', 'short', '{}', '{"other":"current-secret-0123456789"}', '{"contoso":7}', '{broken'])(
    'is opened by nothing where %j is stored',
    async stored => {
      const { opens } = setUp({ arn: [stored] });
      for (const sent of [CURRENT, stored.padEnd(25, 'x'), 'undefined-undefined-undefined'])
        expect(await opens(sent)).toEqual([]);
    },
  );

  it('opens each hook by its own secret, of its own place or of its own name in a common one', async () => {
    const hooks = [
      { name: 'a', secret: 'common' },
      { name: 'b', secret: 'common' },
      { name: 'c', secret: 'own' },
    ];
    const { opens, asked } = setUp(
      { common: [JSON.stringify({ a: `${CURRENT}a`, b: `${CURRENT}b` })], own: [`${CURRENT}c\n`] },
      hooks,
    );
    expect([await opens(`${CURRENT}a`), await opens(`${CURRENT}b`), await opens(`${CURRENT}c`)]).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ]);
    expect(asked.toSorted()).toEqual(['common', 'own']);
  });

  it('keeps values for five minutes', async () => {
    const { opens, asked, clock } = setUp({ arn: [CURRENT] });
    for (const at of [0, 100_000, 299_999]) {
      clock.now = at;
      expect(await opens(CURRENT)).toEqual(['contoso']);
    }
    expect(asked).toHaveLength(1);
    clock.now = 300_000;
    await opens(CURRENT);
    expect(asked).toHaveLength(2);
  });

  it('looks for a new value where a header opens nothing, but not for everybody who is wrong', async () => {
    const { opens, asked, clock, values } = setUp({ arn: [CURRENT] });
    await opens(CURRENT);
    values.arn = ['rotated-secret-0123456789', CURRENT];
    clock.now = 9_999;
    expect(await opens('rotated-secret-0123456789')).toEqual([]);
    expect(asked).toHaveLength(1);
    clock.now = 10_000;
    expect(await opens('rotated-secret-0123456789')).toEqual(['contoso']);
    for (let wrong = 0; wrong < 20; wrong++) await opens(`wrong-secret-0123456789-${wrong}`);
    expect(asked).toHaveLength(2);
  });

  it('lets nobody in where values cannot be read, and asks again', async () => {
    const { opens, broken } = setUp({ arn: [CURRENT] });
    broken.now = true;
    await expect(opens(CURRENT)).rejects.toThrow('not now');
    broken.now = false;
    expect(await opens(CURRENT)).toEqual(['contoso']);
  });

  it('opens the other hooks where one secret cannot be read, and says no to nobody for it', async () => {
    const hooks = [
      { name: 'a', secret: 'gone' },
      { name: 'b', secret: 'there' },
    ];
    const gone = new Error('no such secret');
    const authorize = createHookAuthorizer({
      hooks,
      stored: async secret => {
        if (secret === 'gone') throw gone;
        return [CURRENT];
      },
      now: () => 0,
    });
    expect(await authorize(`Bearer ${CURRENT}`)).toEqual(['b']);
    await expect(authorize(`Bearer ${PREVIOUS}`)).rejects.toBe(gone);
  });
});
