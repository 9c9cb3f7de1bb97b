import { describe, expect, it } from '@jest/globals';
import { lookAtTarget } from '../../../lib/plan/look-at-target.ts';
import { aRule, aWorld, HOST, REPOSITORY } from '../assembly/a-world.ts';

const rule = aRule();
const place = { registry: HOST, repository: REPOSITORY, rule };
const decisionOf = async (tag: string, named: boolean) => {
  const world = aWorld([rule]);
  await world.push('nightly');
  const { verdict } = await lookAtTarget(world, place, tag, { named, restore: false });
  return verdict.decision;
};

describe('a target of which no member is there', () => {
  it.each(['1.0', 'nightly'])('waits for its members where a person named it: %s', async tag => {
    expect(await decisionOf(tag, true)).toMatchObject({
      kind: 'waiting',
      reasons: [{ code: 'missing-platform', present: 0, wanted: 2 }],
    });
  });

  it.each(['1.0', 'nightly'])('is nothing to anybody else: %s', async tag => {
    expect(await decisionOf(tag, false)).toMatchObject({ kind: 'ignored', reasons: [{ code: 'no-rule' }] });
  });
});
