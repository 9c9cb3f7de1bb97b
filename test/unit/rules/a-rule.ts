import { parsePlatform } from '../../../lib/image/platform.ts';
import { builtInRule } from '../../../lib/rules/built-in.ts';
import { candidates } from '../../../lib/rules/group.ts';
import { parseTemplate, withTypes } from '../../../lib/rules/parse-template.ts';
import type { Rule } from '../../../lib/rules/rule.ts';

interface Spelt extends Partial<Omit<Rule, 'members' | 'targets' | 'platforms' | 'optional'>> {
  readonly members?: string;
  readonly targets?: readonly string[];
  readonly platforms?: readonly string[];
  readonly optional?: readonly string[];
}

/** The built-in rule with some of it replaced, written as people write it. */
export function aRule(spelt: Spelt = {}): Rule {
  const { members = '{version}-{arch}', targets = ['{version}'], platforms, optional = [], ...rest } = spelt;
  const parsed = parseTemplate(members);
  const base = builtInRule('127.0.0.1:5100');
  return {
    ...base,
    name: 'apps',
    line: 1,
    members: parsed,
    targets: targets.map(text => withTypes(parseTemplate(text, { target: true }), parsed)),
    platforms: platforms ? platforms.map(text => parsePlatform(text)!) : base.platforms,
    optional: optional.map(text => parsePlatform(text)!),
    ...rest,
  };
}

export const WINDOWS = {
  members: '{version}-{os}{osversion?}-{arch}',
  platforms: ['linux/amd64', 'windows/amd64:10.0.17763', 'windows/amd64:10.0.20348'],
};
export const FLOATING = {
  members: '{version:semver}-{arch}',
  targets: ['{version}', '{version.major}.{version.minor}', '{version.major}', 'latest'],
  newest: { by: 'captures', captures: ['version'] },
} as const;

export const tagsOf = (rule: Parameters<typeof candidates>[0], captures: Record<string, string>) =>
  candidates(rule, captures).map(({ tag }) => tag);
