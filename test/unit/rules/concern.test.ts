import { describe, expect, it } from '@jest/globals';
import { concerns, targetsConcerned } from '../../../lib/rules/concern.ts';
import { aRule, FLOATING } from './a-rule.ts';

describe('a tag', () => {
  const rule = aRule({ ...FLOATING, exclude: ['*-debug*'] });

  it('concerns a rule as a member and as a target, and not otherwise', () => {
    const answers = ['1.2.3-amd64', '1.2.3', 'latest', 'main', '1.2.3-mips', '1.2.3-debug-amd64'].map(tag =>
      concerns(rule, tag),
    );
    expect(answers).toEqual([true, true, true, false, false, false]);
  });

  it('concerns the targets of its group, or itself', () => {
    expect(targetsConcerned(rule, '1.2.3-amd64')).toEqual(['1.2.3', '1.2', '1', 'latest']);
    expect(targetsConcerned(rule, '1.2')).toEqual(['1.2']);
    expect(targetsConcerned(rule, 'main')).toEqual([]);
  });
});
