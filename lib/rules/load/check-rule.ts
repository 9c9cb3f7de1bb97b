import { formatPlatform, type Platform, samePlatform, satisfies } from '../../image/platform.ts';
import { groupCaptures, templateCaptures } from '../captures.ts';
import { matchTemplate, renderTemplate } from '../match-template.ts';
import { PLATFORM_PLACEHOLDERS, withTypes } from '../parse-template.ts';
import { patternsMeet } from '../patterns-meet.ts';
import { isShared, literalLength } from '../targets.ts';
import type { Template, TemplatePart } from '../template.ts';
import { listed, quoted, type Refusal } from './finding.ts';
import { shapeOf } from './two-writers.ts';

/** What is wrong with the members of a rule, read alone. */
export function refuseMembers(members: Template): Refusal | undefined {
  if (
    members.parts.some(part => part.kind === 'capture' && ['arch', 'os', 'osversion'].includes(part.name))
  ) {
    return undefined;
  }
  return {
    code: 'no-arch',
    message: `${quoted(members.text)} has no {arch}, so nothing tells the members apart`,
    next: `"${members.text}-{arch}"`,
  };
}

/** What is wrong with one target next to the members: a loop, or a capture that is not there. */
export function refuseTarget(members: Template, target: Template): Refusal | undefined {
  const probe = probed(withTypes(target, members));
  const platformPart = target.parts.find(
    part => part.kind === 'capture' && PLATFORM_PLACEHOLDERS.includes(part.name),
  );
  if (probe !== undefined && matchTemplate(members, probe)) {
    const name = platformPart?.kind === 'capture' ? `{${platformPart.name}}` : undefined;
    return {
      code: 'loop',
      message: `the target ${quoted(target.text)} would be read as a member of its own rule: a loop`,
      next: name ? `leave ${name} out of target` : 'a target that names no architecture',
    };
  }
  let offset = 0;
  for (const part of target.parts) {
    const length = written(part).length;
    const refusal = part.kind === 'literal' ? undefined : refuseCapture(members, part);
    if (refusal) return { ...refusal, offset, length };
    offset += length;
  }
  return undefined;
}

function refuseCapture(
  members: Template,
  part: Exclude<TemplatePart, { kind: 'literal' }>,
): Refusal | undefined {
  const source = members.parts.find(other => other.kind === 'capture' && other.name === part.name);
  if (part.kind === 'capture' && PLATFORM_PLACEHOLDERS.includes(part.name)) {
    return {
      code: 'platform-in-target',
      message: `target uses ${written(part)}, but an index has every platform`,
      next: `leave ${written(part)} out of target`,
    };
  }
  if (source?.kind !== 'capture') {
    const names = members.parts.filter(other => other.kind === 'capture').map(other => `{${other.name}}`);
    const offered = groupCaptures({ members }).map(name => `"{${name}}"`);
    return {
      code: 'unknown-capture',
      message: `target uses ${written(part)}, but members has ${listed(names)}`,
      ...(offered.length > 0 ? { next: offered.join(' or ') } : { next: 'a tag such as latest' }),
    };
  }
  if (part.kind === 'derived' && source.type !== 'semver') {
    const typed = members.text.replace(/\{(\w+)[^}]*\}/g, (whole, name) =>
      name === part.name ? `{${name}:semver}` : whole,
    );
    return {
      code: 'not-semver',
      message: `target uses ${written(part)}, but members does not say that {${part.name}} is a version`,
      next: `members: "${typed}"`,
    };
  }
  return undefined;
}

/** Two targets of one rule that can be the same tag, where neither is the more exact one. */
export function refuseSameTargets(targets: readonly Template[], index: number): Refusal | undefined {
  const one = targets[index]!;
  const other = targets
    .slice(0, index)
    .find(earlier => literalLength(earlier) === literalLength(one) && canBeSameTag(earlier, one));
  return (
    other && {
      code: 'target-twice',
      message:
        other.text === one.text
          ? `the target ${quoted(one.text)} is there twice`
          : `the targets ${quoted(other.text)} and ${quoted(one.text)} can be the same tag`,
    }
  );
}

/** A target that drops captures of which none is typed, where nothing else says which build is the newest. */
export function refuseUnordered(members: Template, target: Template): Refusal | undefined {
  if (!isShared({ members }, target)) return undefined;
  const dropped = droppedBy(members, target);
  const typed = members.parts.some(
    part => part.kind === 'capture' && part.type !== 'text' && dropped.includes(part.name),
  );
  if (typed) return undefined;
  const names = dropped.map(name => `{${name}}`);
  return {
    code: 'no-order',
    message: `${quoted(target.text)} has no ${listed(names)}, so which build is the newest cannot be told`,
    next: `{${dropped[0]}:int} or {${dropped[0]}:semver} in members, or newest: label:NAME, or newest: created`,
  };
}

export function droppedBy(members: Template, target: Template): readonly string[] {
  const kept = templateCaptures(target);
  return groupCaptures({ members }).filter(name => !kept.includes(name));
}

export function refusePlatform(
  one: Platform,
  earlier: readonly Platform[],
  required?: readonly Platform[],
): Refusal | undefined {
  const twin = earlier.find(other => satisfies(one, other) || satisfies(other, one));
  if (!twin) return undefined;
  const [text, other] = [formatPlatform(one), formatPlatform(twin)];
  const how = required?.includes(twin) ? 'required and optional' : 'there twice';
  if (!samePlatform(one, twin))
    return { code: 'platform-twice', message: `${text} and ${other} can be the same image` };
  const why = text === other ? '' : `; ${other} means the same platform`;
  return { code: 'platform-twice', message: `${text} is ${how}${why}` };
}

function written(part: TemplatePart): string {
  if (part.kind === 'literal') return part.text;
  if (part.kind === 'derived') return `{${part.name}.${part.field}}`;
  return `{${part.name}${part.type === 'text' ? '' : `:${part.type}`}${part.optional ? '?' : ''}}`;
}

const PROBES: Readonly<Record<string, string>> = {
  arch: 'amd64',
  os: 'linux',
  variant: 'v8',
  osversion: 'ltsc2022',
};

/** A tag of the target such as anybody would have: version `1.2.3`, number `7`, text `x`. */
function probed(target: Template): string | undefined {
  const captures: Record<string, string> = {};
  for (const part of target.parts) {
    if (part.kind === 'derived') captures[`${part.name}.${part.field}`] = '1';
    else if (part.kind === 'capture') {
      captures[part.name] = PROBES[part.name] ?? { int: '7', semver: '1.2.3', text: 'x' }[part.type];
    }
  }
  return renderTemplate(target, captures);
}

// Numbers and versions are never each other; only a text can be anything.
function canBeSameTag(a: Template, b: Template): boolean {
  if (shapeOf(a) === shapeOf(b)) return true;
  const free = [...a.parts, ...b.parts].some(part => part.kind === 'capture' && part.type === 'text');
  return free && patternsMeet(globOf(a), globOf(b));
}

function globOf(template: Template): string {
  return template.parts.map(part => (part.kind === 'literal' ? part.text : '*')).join('');
}

/** Whether the pinned tag is a target of these templates. */
export function isTargetTag(targets: readonly Template[], tag: string): boolean {
  return targets.some(target => matchTemplate(target, tag) !== undefined);
}
