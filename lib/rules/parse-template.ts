import type { CaptureType, Template, TemplatePart } from './template.ts';

/** Placeholders that are part of the platform. A tag only claims them; the image says what it is. */
export const PLATFORM_PLACEHOLDERS: readonly string[] = ['arch', 'os', 'variant', 'osversion'];

/** A template that cannot be used. `offset` and `length` say where in the text, in characters. */
export class TemplateMistake extends Error {
  override readonly name = 'TemplateMistake';
  readonly offset: number;
  readonly length: number;
  readonly next: string | undefined;

  constructor(message: string, at: { offset: number; length: number; next?: string | undefined }) {
    super(message);
    this.offset = at.offset;
    this.length = at.length;
    this.next = at.next;
  }
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const FIELDS: readonly string[] = ['major', 'minor', 'patch'];
const LITERAL = /[^A-Za-z0-9_.-]/;
const LONGEST = 512;

/**
 * Reads a tag template: literal text and placeholders `{name}`, `{name?}` (may be empty), `{name:int}`,
 * `{name:semver}`; in a target also `{name.major}`, `.minor`, `.patch`.
 *
 * Types are said where the members are described; a target's captures come out as text, and whoever knows the
 * members gives them their type (`withTypes`).
 * @throws {TemplateMistake} in words that can follow a place in a file.
 */
export function parseTemplate(text: string, options: { readonly target?: boolean } = {}): Template {
  if (text === '') throw new TemplateMistake('a tag template cannot be empty', { offset: 0, length: 0 });
  if (text.length > LONGEST) {
    throw new TemplateMistake(`a tag template has at most ${LONGEST} characters`, {
      offset: 0,
      length: text.length,
    });
  }
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    const end = open < 0 ? text.length : open;
    if (end > at) parts.push(literal(text, at, end));
    if (open < 0) break;
    const close = text.indexOf('}', open);
    if (close < 0) {
      throw new TemplateMistake(`"${text}" has a "{" without its "}"`, {
        offset: open,
        length: text.length - open,
      });
    }
    const place = { offset: open, length: close + 1 - open };
    const part = placeholder(text.slice(open + 1, close), options.target ?? false, place);
    refuseNeighbour(parts, part, place);
    parts.push(part);
    at = close + 1;
  }
  return { text, parts };
}

/** The same template with each capture typed as `members` types it, and the prerelease rules that follow from it. */
export function withTypes(target: Template, members: Template): Template {
  const types = new Map<string, CaptureType>();
  for (const part of members.parts) if (part.kind === 'capture') types.set(part.name, part.type);
  const optional = new Set(members.parts.flatMap(p => (p.kind === 'capture' && p.optional ? [p.name] : [])));
  return {
    text: target.text,
    parts: target.parts.map(part =>
      part.kind === 'capture'
        ? {
            ...part,
            type: types.get(part.name) ?? part.type,
            optional: part.optional || optional.has(part.name),
          }
        : part,
    ),
  };
}

function literal(text: string, start: number, end: number): TemplatePart {
  const found = text.slice(start, end);
  const wrong = LITERAL.exec(found);
  if (wrong) {
    throw new TemplateMistake(`"${text}" has a "${wrong[0]}", which no tag can have`, {
      offset: start + wrong.index,
      length: 1,
    });
  }
  if (start === 0 && /^[.-]/.test(found)) {
    throw new TemplateMistake(`no tag begins with "${found[0]}"`, { offset: 0, length: 1 });
  }
  return { kind: 'literal', text: found };
}

function placeholder(
  inside: string,
  target: boolean,
  place: { offset: number; length: number },
): TemplatePart {
  const optional = inside.endsWith('?');
  const spelt = optional ? inside.slice(0, -1) : inside;
  const [before = '', type] = spelt.split(':', 2);
  const [name = '', field] = before.split('.', 2);
  if (!NAME.test(name)) {
    throw new TemplateMistake(`{${inside}} is no placeholder; a name has letters, digits and _`, place);
  }
  if (field !== undefined) {
    if (!target)
      throw new TemplateMistake(`{${inside}} can only be in a target`, {
        ...place,
        next: `{${name}:semver}`,
      });
    if (!FIELDS.includes(field) || type !== undefined || optional) {
      throw new TemplateMistake(`{${inside}} is no part of a version; there are major, minor and patch`, {
        ...place,
        next: `{${name}.major}`,
      });
    }
    return { kind: 'derived', name, field: field as 'major' | 'minor' | 'patch' };
  }
  if (type === undefined) {
    if (optional && name === 'arch') {
      throw new TemplateMistake('{arch?} leaves open which member a tag is', { ...place, next: '{arch}' });
    }
    return { kind: 'capture', name, type: 'text', optional };
  }
  if (type !== 'int' && type !== 'semver') {
    throw new TemplateMistake(`"${type}" is no type of a capture; there are int and semver`, {
      ...place,
      next: `{${name}:int} or {${name}:semver}`,
    });
  }
  if (target || optional || PLATFORM_PLACEHOLDERS.includes(name)) {
    const why = target
      ? 'types are said in members'
      : optional
        ? 'a typed capture is never empty'
        : 'its values are known';
    throw new TemplateMistake(`{${inside}} cannot have a type; ${why}`, { ...place, next: `{${name}}` });
  }
  return { kind: 'capture', name, type, optional };
}

function refuseNeighbour(
  parts: readonly TemplatePart[],
  part: TemplatePart,
  place: { offset: number; length: number },
): void {
  if (part.kind === 'literal') return;
  for (const other of parts) {
    if (other.kind === 'literal' || other.name !== part.name) continue;
    if (other.kind === 'derived' && part.kind === 'derived' && other.field !== part.field) continue;
    throw new TemplateMistake(`{${part.name}} is there twice`, place);
  }
  const before = parts.at(-1);
  if (before === undefined || before.kind === 'literal') return;
  if (PLATFORM_PLACEHOLDERS.includes(before.name) || PLATFORM_PLACEHOLDERS.includes(part.name)) return;
  throw new TemplateMistake(`nothing tells where {${before.name}} ends and {${part.name}} begins`, {
    ...place,
    next: `{${before.name}}-{${part.name}}`,
  });
}
