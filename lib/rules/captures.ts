import { captureName } from './match-template.ts';
import { PLATFORM_PLACEHOLDERS } from './parse-template.ts';
import type { Rule } from './rule.ts';
import type { Captures, Template } from './template.ts';
import { parseSemver } from './version.ts';

/** The names of the members' captures that are no part of the platform, in the template's order. */
export function groupCaptures(rule: Pick<Rule, 'members'>): readonly string[] {
  return templateCaptures(rule.members);
}

/** The names of a template's captures, derived ones as `version.major`, without those of the platform. */
export function templateCaptures(template: Template): readonly string[] {
  return template.parts.flatMap(part =>
    part.kind === 'literal' || PLATFORM_PLACEHOLDERS.includes(part.name) ? [] : [captureName(part)],
  );
}

/** What `captures` hold for `name`; `version.major` is worked out of `version` where it is not there itself. */
export function captureValue(captures: Captures, name: string): string | undefined {
  if (Object.hasOwn(captures, name)) return captures[name];
  const [whole = '', field] = name.split('.', 2);
  if (field === undefined || !Object.hasOwn(captures, whole)) return undefined;
  const index = ['major', 'minor', 'patch'].indexOf(field);
  return parseSemver(captures[whole]!)?.numbers[index]?.toString();
}

export function withoutPlatform(captures: Captures): Captures {
  return Object.fromEntries(
    Object.entries(captures).filter(([name]) => !PLATFORM_PLACEHOLDERS.includes(name)),
  );
}
