import { ALL_SPELLINGS, architectureNamed, osVersionNamed } from '../image/architectures.ts';
import { isTag } from '../image/names.ts';
import type { Captures, Template, TemplatePart } from './template.ts';
import { parseSemver } from './version.ts';

/** What `{arch}` takes. */
export const SPELLINGS: ReadonlySet<string> = new Set(
  ALL_SPELLINGS.filter(name => architectureNamed(name) !== undefined),
);
/** What `{os}` takes. */
export const SYSTEMS: ReadonlySet<string> = new Set([
  ...['linux', 'windows', 'freebsd', 'darwin', 'netbsd', 'openbsd', 'dragonfly', 'solaris', 'illumos'],
  ...['aix', 'android', 'ios', 'plan9', 'wasip1'],
]);
const INTEGER = /^[0-9]+$/;
const FIELD = /^(?:0|[1-9][0-9]*)$/;

/**
 * The values that `tag` gives the template's placeholders, or undefined where it does not fit (or is no tag).
 *
 * Each free capture takes as little as it can, the last one the rest; `{arch}`, `{os}`, `{variant}` and
 * `{osversion}` take only names in use, the longest that fits. A `{name?}` that is empty is `''`. Derived parts
 * of a target come out as `version.major`. At most (parts × 128²) steps, whatever the tag.
 */
export function matchTemplate(template: Template, tag: string): Captures | undefined {
  if (!isTag(tag)) return undefined;
  const values: string[] = [];
  if (!matchFrom(template.parts, 0, tag, 0, values, new Set())) return undefined;
  const captures: Record<string, string> = {};
  template.parts.forEach((part, index) => {
    if (part.kind !== 'literal') captures[captureName(part)] = values[index]!;
  });
  return captures;
}

/**
 * The tag that the template makes of `captures`, or undefined where a value is missing, does not fit its type,
 * or the result is no tag. A derived part takes `version.major` where that is given, else works it out.
 */
export function renderTemplate(template: Template, captures: Captures): string | undefined {
  let tag = '';
  for (const part of template.parts) {
    const text = part.kind === 'literal' ? part.text : renderPart(part, captures);
    if (text === undefined) return undefined;
    tag += text;
  }
  return isTag(tag) ? tag : undefined;
}

/** The name that a part's value has among the captures. */
export function captureName(part: Exclude<TemplatePart, { kind: 'literal' }>): string {
  return part.kind === 'derived' ? `${part.name}.${part.field}` : part.name;
}

function renderPart(
  part: Exclude<TemplatePart, { kind: 'literal' }>,
  captures: Captures,
): string | undefined {
  const given = own(captures, captureName(part));
  if (part.kind === 'capture') return given !== undefined && fits(part, given) ? given : undefined;
  if (given !== undefined) return FIELD.test(given) ? given : undefined;
  const version = parseSemver(own(captures, part.name) ?? '');
  return version?.numbers[{ major: 0, minor: 1, patch: 2 }[part.field]]?.toString();
}

// The file names the captures, so that `constructor` must not be found by inheritance.
function own(captures: Captures, name: string): string | undefined {
  return Object.hasOwn(captures, name) ? captures[name] : undefined;
}

function matchFrom(
  parts: readonly TemplatePart[],
  index: number,
  tag: string,
  at: number,
  values: string[],
  dead: Set<number>,
): boolean {
  const part = parts[index];
  if (part === undefined) return at === tag.length;
  const state = index * 256 + at;
  if (dead.has(state)) return false;
  if (part.kind === 'literal') {
    if (
      tag.startsWith(part.text, at) &&
      matchFrom(parts, index + 1, tag, at + part.text.length, values, dead)
    ) {
      return true;
    }
  } else {
    for (const length of lengths(part, tag.length - at)) {
      const value = tag.slice(at, at + length);
      if (!fits(part, value)) continue;
      if (!matchFrom(parts, index + 1, tag, at + length, values, dead)) continue;
      values[index] = value;
      return true;
    }
  }
  dead.add(state);
  return false;
}

const LONGEST_NAME = 24;

function* lengths(part: Exclude<TemplatePart, { kind: 'literal' }>, rest: number): Generator<number> {
  if (part.kind === 'capture' && isPlatform(part.name)) {
    for (let length = Math.min(rest, LONGEST_NAME); length > 0; length--) yield length;
    if (part.optional) yield 0;
    return;
  }
  for (let length = part.kind === 'capture' && part.optional ? 0 : 1; length <= rest; length++) yield length;
}

function isPlatform(name: string): boolean {
  return name === 'arch' || name === 'os' || name === 'variant' || name === 'osversion';
}

function fits(part: Exclude<TemplatePart, { kind: 'literal' }>, value: string): boolean {
  if (part.kind === 'derived') return FIELD.test(value);
  if (value === '') return part.optional;
  switch (part.name) {
    case 'arch':
      return SPELLINGS.has(value);
    case 'os':
      return SYSTEMS.has(value);
    case 'variant':
      return /^v[1-9]$/.test(value);
    case 'osversion':
      return (
        (osVersionNamed(value) !== undefined && value === value.toLowerCase()) ||
        /^10\.0\.[0-9]{5}(?:\.[0-9]{1,5})?$/.test(value)
      );
  }
  if (part.type === 'int') return INTEGER.test(value);
  if (part.type === 'semver') return parseSemver(value) !== undefined;
  return true;
}
