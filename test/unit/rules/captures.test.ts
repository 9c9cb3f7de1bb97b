import { describe, expect, it } from '@jest/globals';
import { builtInRule } from '../../../lib/rules/built-in.ts';
import { captureValue, templateCaptures, withoutPlatform } from '../../../lib/rules/captures.ts';
import { buildCaptures, buildName, keyCaptures } from '../../../lib/rules/key.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import { isShared, literalLength, targetOf, targetsOf } from '../../../lib/rules/targets.ts';
import { aRule, FLOATING, tagsOf } from './a-rule.ts';

describe('captureValue', () => {
  it.each([
    ['version', '1.2.3'],
    ['version.major', '1'],
    ['version.minor', '2'],
    ['version.patch', '3'],
    ['version.build', undefined],
    ['version.', undefined],
    ['other', undefined],
    ['other.major', undefined],
    ['text.major', undefined],
    ['constructor', undefined],
    ['constructor.name', undefined],
  ])('of %s is %j', (name, value) => {
    expect(captureValue({ version: '1.2.3', text: 'main' }, name)).toBe(value);
  });

  it('is what stands there, before what could be worked out', () => {
    expect(captureValue({ version: '1.2.3', 'version.major': '7' }, 'version.major')).toBe('7');
  });
});

describe('captures', () => {
  it('of a template are those of no platform, derived ones by their whole name', () => {
    const template = parseTemplate('{a}-{v.major}.{v.minor}-{os}{osversion?}-{arch}{variant?}', {
      target: true,
    });
    expect(templateCaptures(template)).toEqual(['a', 'v.major', 'v.minor']);
    expect(withoutPlatform({ a: '1', arch: 'x', os: 'y', variant: 'z', osversion: 'w' })).toEqual({ a: '1' });
  });

  it('make no key where there is no target', () => {
    expect(keyCaptures({ targets: [] })).toEqual([]);
  });
});

describe('the name of a build', () => {
  const rule = aRule({ members: '{version}-{run}-{flavour?}-{arch}', targets: ['{version}'] });

  it('is made of what the target drops, without what is empty', () => {
    expect(buildName(rule, { version: '1', run: '7', flavour: 'slim' })).toBe('7-slim');
    expect(buildName(rule, { version: '1', run: '7', flavour: '' })).toBe('7');
    expect(buildName(rule, { version: '1', run: '7' })).toBe('7');
    expect(buildCaptures(rule, { version: '1', run: '7' })).toEqual({ run: '7' });
  });
});

describe('targets', () => {
  it('are shared where any capture is dropped', () => {
    const members = parseTemplate('{a}-{b}-{arch}');
    const shared = (text: string) => isShared({ members }, parseTemplate(text, { target: true }));
    expect(['{a}-{b}', '{a}', 'x'].map(shared)).toEqual([false, true, true]);
  });

  it('belong to the template with more fixed text, to the first of two alike', () => {
    expect(literalLength(parseTemplate('v-{a}.x'))).toBe(4);
    const rule = aRule({ members: '{a}-{run:int}-{arch}', targets: ['{a}', 'x{a}', 'y{a}', '{a}z'] });
    const template = (tag: string) => targetOf(rule, tag)[0]?.template;
    expect(['q', 'xq', 'yq', 'xyz', 'qz'].map(template)).toEqual([0, 1, 2, 1, 3]);
  });

  it('take a release that is none by its version, and no pre-release where the version is dropped', () => {
    const rule = aRule(FLOATING);
    const tags = (version: string) => targetsOf(rule, { version }).map(({ tag }) => tag);
    expect(tags('1.2.3')).toEqual(['1.2.3', '1.2', '1', 'latest']);
    expect(tags('1.2.3-rc.1')).toEqual(['1.2.3-rc.1']);
    expect(tags('main')).toEqual([]);
    expect(targetsOf(rule, {})).toEqual([]);
  });
});

describe('candidates', () => {
  it('are none of a tag that would be too long or is excluded', () => {
    expect(tagsOf(aRule(), { version: '1'.repeat(127) })).toEqual([]);
    expect(tagsOf(aRule(), { version: '1'.repeat(122) })).toHaveLength(3);
    expect(tagsOf(aRule({ exclude: ['*x*'] }), { version: '1' })).not.toContain('1-x64');
    expect(tagsOf(aRule({ exclude: ['*'] }), { version: '1' })).toEqual([]);
  });
});

describe('the built-in rule', () => {
  it('joins the two usual platforms under the version, for every repository of its registry', () => {
    const rule = builtInRule('127.0.0.1:5100');
    expect(targetsOf(rule, { version: '1.0' })).toEqual([{ tag: '1.0', template: 0, shared: false }]);
    expect(tagsOf(rule, { version: '1.0' })[0]).toBe('1.0-amd64');
    expect(rule).toMatchObject({
      line: 0,
      backfill: true,
      repositories: [{ registry: '127.0.0.1:5100', pattern: '*', exclude: false }],
      newest: { by: 'nothing' },
    });
    expect(builtInRule('registry.example').backfill).toBe(false);
  });

  it('takes a part of a version in its target for what it is', () => {
    expect(builtInRule('x').targets[0]!.parts).toEqual([
      { kind: 'capture', name: 'version', type: 'text', optional: false },
    ]);
  });
});
