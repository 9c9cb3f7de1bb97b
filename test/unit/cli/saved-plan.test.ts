import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readSavedPlan } from '../../../lib/cli/saved-plan.ts';
import { temporaryFolder } from '../../support/e2e-run.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const GROUP = {
  target: ['r.example:5000/team/app:1.0'],
  registry: 'r.example:5000',
  repository: 'team/app',
  rule: { name: 'apps', line: 3 },
  state: 'publish',
  before: null,
  after: digest('a'),
};
const PLAN = { schema: 'archweave/plan/v1', groups: [GROUP] };

describe('a saved plan', () => {
  const folder = temporaryFolder('saved-plan');
  afterAll(() => folder.remove());
  const read = (content: unknown) => {
    writeFileSync(
      join(folder.path, 'p.json'),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    return readSavedPlan('p.json', folder.path);
  };

  it('has its writes, and what each rests on', () => {
    const changed = { ...GROUP, target: ['r.example:5000/team/app:2.0'], before: digest('b') };
    expect(read({ ...PLAN, groups: [GROUP, changed, { ...GROUP, state: 'waiting', after: null }] })).toEqual([
      {
        registry: 'r.example:5000',
        repository: 'team/app',
        rule: 'apps',
        tag: '1.0',
        expected: { before: null, after: digest('a') },
      },
      expect.objectContaining({ tag: '2.0', expected: { before: digest('b'), after: digest('a') } }),
    ]);
  });

  it.each<[string, unknown]>([
    ['no JSON', 'plan'],
    ['another document', { ...PLAN, schema: 'archweave/explain/v1' }],
    ['no object', 'null'],
    ['without groups', { schema: 'archweave/plan/v1' }],
    ['a group without a rule', { ...PLAN, groups: [{ ...GROUP, rule: null }] }],
    ['a digest that is none', { ...PLAN, groups: [{ ...GROUP, after: 'sha256:1' }] }],
    ['a target elsewhere', { ...PLAN, groups: [{ ...GROUP, target: ['other/app:1.0'] }] }],
    ['an empty group', { ...PLAN, groups: [{ state: 'publish' }] }],
  ])('that is %s is refused', (_what, content) => {
    expect(() => read(content)).toThrow('--plan p.json is no saved plan.');
  });

  it('that is not there is named', () => {
    expect(() => readSavedPlan('nowhere.json', folder.path)).toThrow('nowhere.json cannot be read (ENOENT)');
  });
});
