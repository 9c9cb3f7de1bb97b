import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventPattern, LONGEST_PATTERN } from '../../infra/event-pattern.ts';
import { parsePlatform } from '../../lib/image/platform.ts';
import { concerns } from '../../lib/rules/concern.ts';
import { matchesGlob } from '../../lib/rules/glob.ts';
import { candidates, targetsOf } from '../../lib/rules/group.ts';
import type { Rule } from '../../lib/rules/rule.ts';
import { matchesPattern } from '../support/event-pattern-matcher.ts';
import { ruleOf } from '../support/rule.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

const pushOf = (repository: string, tag: string, action = 'PUSH') => ({
  source: 'aws.ecr',
  'detail-type': 'ECR Image Action',
  account: '123456789012',
  region: 'eu-west-1',
  detail: {
    result: 'SUCCESS',
    'repository-name': repository,
    'image-digest': `sha256:${'a'.repeat(64)}`,
    'action-type': action,
    'image-tag': tag,
  },
});

const passes = (rules: readonly Rule[], repository: string, tag: string, action?: string) =>
  matchesPattern({ ...eventPattern(rules) }, pushOf(repository, tag, action));

const tagsIn = (rules: readonly Rule[]) => eventPattern(rules).detail['image-tag'];
const repositoriesIn = (rules: readonly Rule[]) => eventPattern(rules).detail['repository-name'];

describe('the pattern for events of ECR', () => {
  it('takes pushes and deletions that worked, and nothing without a tag', () => {
    const rules = [ruleOf(HOST)];
    expect(passes(rules, 'team/app', '1.0')).toBe(true);
    expect(passes(rules, 'team/app', '1.0', 'DELETE')).toBe(true);
    expect(passes(rules, 'team/app', '1.0', 'UPDATE_STORAGE_CLASS')).toBe(false);
    expect(passes(rules, 'team/app', '')).toBe(false);
    const failed = pushOf('team/app', '1.0');
    expect(
      matchesPattern(
        { ...eventPattern(rules) },
        { ...failed, detail: { ...failed.detail, result: 'FAILURE' } },
      ),
    ).toBe(false);
  });

  it('names whole tags where the rules have no others', () => {
    const tags = tagsIn([ruleOf(HOST, { members: '{arch}', targets: ['multi'] })]);
    expect(tags).toEqual(['amd64', 'x86_64', 'x86-64', 'x64', 'arm64', 'aarch64', 'arm64v8', 'multi']);
  });

  it('names endings where every member and every target has one', () => {
    const rules = [ruleOf(HOST, { members: '{run}-{arch}', targets: ['latest'] })];
    expect(tagsIn(rules)).toContainEqual({ suffix: '-amd64' });
    expect(tagsIn(rules)).toContain('latest');
    expect(passes(rules, 'team/app', '17-arm64')).toBe(true);
    expect(passes(rules, 'team/app', '17')).toBe(false);
  });

  it('names the beginning where that says the same in fewer words', () => {
    const rules = [ruleOf(HOST, { members: 'main-{sha}-{arch}', targets: ['main-{sha}', 'main'] })];
    expect(tagsIn(rules)).toEqual([{ prefix: 'main-' }, 'main']);
  });

  it('takes every tag where a target may be anything, as {version} may', () => {
    expect(tagsIn([ruleOf(HOST, { members: '{arch}', targets: ['multi'] }), ruleOf(HOST)])).toEqual([
      { 'anything-but': [''] },
    ]);
  });

  it('names repositories by what stands before the first star, each once, and ignores what is taken away', () => {
    const patterns = ['team/*', 'team/base*', 'tools', 'team/x', 'ops/*/images', '!ops/secret/images'];
    expect(repositoriesIn([ruleOf(HOST, { patterns })])).toEqual([
      'tools',
      { prefix: 'ops/' },
      { prefix: 'team/' },
    ]);
  });

  it('says nothing of repositories where a rule is for all of them', () => {
    expect(repositoriesIn([ruleOf(HOST, { patterns: ['team/*', '*'] })])).toBeUndefined();
  });
});

const teams = (count: number, pattern: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => ruleOf(HOST, { patterns: [pattern(at)] }));

describe('the length of the pattern', () => {
  const three = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map(text => parsePlatform(text)!);

  it.each([1, 75, 500])('is within the limit for %d repositories', count => {
    const rules = teams(count, at => `team-${at}/*`).map(rule => ({ ...rule, platforms: three }));
    const pattern = eventPattern(rules);
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(LONGEST_PATTERN);
    for (const at of [0, Math.floor(count / 2), count - 1])
      expect(passes(rules, `team-${at}/app`, '1.0-amd64')).toBe(true);
  });

  it('keeps every repository where they fit, as 75 do', () => {
    const rules = teams(75, at => `t${at}/*`);
    expect(repositoriesIn(rules)).toHaveLength(75);
    expect(passes(rules, 'other/app', '1.0')).toBe(false);
  });

  it('keeps the first part of their names where that is shared', () => {
    const rules = teams(500, at => `org/team-${at}/*`);
    expect(repositoriesIn(rules)).toEqual([{ prefix: 'org/' }]);
    expect(passes(rules, 'other/app', '1.0')).toBe(false);
  });

  it('lets all tags through before it lets all repositories through', () => {
    const rules = teams(60, at => `t${at}/*`).map((rule, at) => ({
      ...rule,
      ...ruleOf(HOST, { members: `release-of-team-${at}-{run}-{arch}`, targets: [`release-of-team-${at}`] }),
      repositories: rule.repositories,
    }));
    expect(tagsIn(rules)).toEqual([{ 'anything-but': [''] }]);
    expect(repositoriesIn(rules)).toHaveLength(60);
  });
});

const MEMBERS = [
  '{version}-{arch}',
  '{arch}-{version}',
  '{arch}',
  'main-{sha}-{arch}',
  '{run:int}-{arch}',
  'of-{branch}-{run}-{arch}',
  '{version}-{os}{osversion?}-{arch}',
  '{version}-{arch}{variant?}',
  'v{version:semver}-{arch}-build',
] as const;
const TARGETS = [
  '{version}',
  'multi',
  'latest',
  'main-{sha}',
  'main',
  'release-{run}',
  'of-{branch}-{run}',
  '{branch}-{run}',
  'v{version}',
] as const;
const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'windows/amd64:10.0.20348'] as const;
const PATTERNS = ['*', 'team/*', 'team/app', 'a*z', 'ops/*/images', '!team/base', 'x/y/z'] as const;
const VALUES: Readonly<Record<string, string>> = { version: '1.2.3', sha: '0a1b', run: '17', branch: 'dev' };

/** Rules that a configuration could have: each target's captures are some of the members'. */
const someRule = fc
  .record({
    members: fc.constantFrom(...MEMBERS),
    targets: fc.uniqueArray(fc.constantFrom(...TARGETS), { minLength: 1, maxLength: 3 }),
    platforms: fc.uniqueArray(fc.constantFrom(...PLATFORMS), { minLength: 1, maxLength: 4 }),
    patterns: fc.uniqueArray(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 4 }),
  })
  .map(({ members, targets, platforms, patterns }) => {
    const fitting = targets.filter(target =>
      [...target.matchAll(/\{(\w+)\}/g)].every(([, name]) => members.includes(`{${name}`)),
    );
    const rule = ruleOf(HOST, { members, targets: fitting.length > 0 ? fitting : ['multi'], patterns });
    return { ...rule, platforms: platforms.map(text => parsePlatform(text)!) };
  });

const names = ['team/app', 'team/base', 'abcz', 'ops/a/b/images', 'x/y/z', 'elsewhere'] as const;

describe('every rule', () => {
  it('gets all the pushes and deletions that it wants', () => {
    let wanted = 0;
    fc.assert(
      fc.property(fc.array(someRule, { minLength: 1, maxLength: 4 }), rules => {
        const pattern = { ...eventPattern(rules) };
        for (const rule of rules) {
          const tags = [
            ...candidates(rule, VALUES).map(({ tag }) => tag),
            ...targetsOf(rule, VALUES).map(({ tag }) => tag),
          ];
          for (const tag of tags) expect(concerns(rule, tag)).toBe(true);
          const repositories = names.filter(name =>
            rule.repositories.some(({ pattern: glob, exclude }) => !exclude && matchesGlob(glob, name)),
          );
          for (const tag of tags)
            for (const repository of repositories) {
              wanted += 1;
              expect(matchesPattern(pattern, pushOf(repository, tag))).toBe(true);
              expect(matchesPattern(pattern, pushOf(repository, tag, 'DELETE'))).toBe(true);
            }
        }
      }),
    );
    expect(wanted).toBeGreaterThan(1_000);
  });
});
