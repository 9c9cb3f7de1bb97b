import { builtInRule } from '../../lib/rules/built-in.ts';
import { parseTemplate } from '../../lib/rules/parse-template.ts';
import type { Rule } from '../../lib/rules/rule.ts';

/** `{version}-{arch}` to `{version}` for every repository of a registry, with what the test says otherwise. */
export function ruleOf(
  registry: string,
  {
    members,
    targets,
    patterns,
    ...more
  }: Partial<Omit<Rule, 'members' | 'targets' | 'repositories'>> & {
    readonly members?: string;
    readonly targets?: readonly string[];
    readonly patterns?: readonly string[];
  } = {},
): Rule {
  const rule = builtInRule(registry);
  return {
    ...rule,
    ...(members !== undefined && { members: parseTemplate(members) }),
    ...(targets !== undefined && { targets: targets.map(text => parseTemplate(text, { target: true })) }),
    ...(patterns !== undefined && {
      repositories: patterns.map(text => ({
        registry,
        pattern: text.replace(/^!/, ''),
        exclude: text.startsWith('!'),
      })),
    }),
    ...more,
  };
}
