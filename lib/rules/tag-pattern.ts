import { ALL_OS_VERSION_SPELLINGS } from '../image/architectures.ts';
import { SPELLINGS, SYSTEMS } from './match-template.ts';
import type { Template, TemplatePart } from './template.ts';

/** Characters that a tag can have: all of them, digits, digits but 0, letters and `-`, or those and digits. */
export type CharacterClass = 'tag' | 'digit' | 'nonzero' | 'alpha' | 'alnum';

export type PatternPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'one'; readonly of: CharacterClass }
  /** Any number of times, none among them. */
  | { readonly kind: 'repeat'; readonly of: TagPattern }
  | { readonly kind: 'choice'; readonly of: readonly TagPattern[] };

/**
 * A set of tags as a regular expression, so that sets can be compared: its parts one after the other. Globs and
 * templates are both made into this.
 */
export type TagPattern = readonly PatternPart[];

const text = (written: string): PatternPart => ({ kind: 'text', text: written });
const one = (of: CharacterClass): PatternPart => ({ kind: 'one', of });
const any = (of: CharacterClass): PatternPart => ({ kind: 'repeat', of: [one(of)] });
const choice = (...of: readonly TagPattern[]): PatternPart => ({ kind: 'choice', of });
const repeat = (...of: TagPattern): PatternPart => ({ kind: 'repeat', of });
const words = (of: Iterable<string>): PatternPart => choice(...[...of].map(word => [text(word)]));

const NUMBER = choice([text('0')], [one('nonzero'), any('digit')]);
const IDENTIFIER = choice([NUMBER], [any('digit'), one('alpha'), any('alnum')]);
const SEMVER: TagPattern = [
  ...[NUMBER, text('.'), NUMBER, text('.'), NUMBER],
  choice([], [text('-'), IDENTIFIER, repeat(text('.'), IDENTIFIER)]),
];
const UP_TO_FIVE = [1, 2, 3, 4, 5].map(count => Array<PatternPart>(count).fill(one('digit')));
const OS_VERSION = choice(...ALL_OS_VERSION_SPELLINGS.map(name => [text(name)]), [
  text('10.0.'),
  ...UP_TO_FIVE[4]!,
  choice([], ...UP_TO_FIVE.map(digits => [text('.'), ...digits])),
]);

/** The tags that a glob matches; `*` stands for any characters. */
export function globPattern(glob: string): TagPattern {
  return glob.split('*').flatMap((piece, index) => [...(index > 0 ? [any('tag')] : []), text(piece)]);
}

/** The tags that `matchTemplate` reads; a placeholder that is in `values` stands for those instead. */
export function templatePattern(
  template: Template,
  values: Readonly<Record<string, TagPattern>> = {},
): TagPattern {
  return template.parts.flatMap(part => {
    if (part.kind === 'literal') return [text(part.text)];
    if (part.kind === 'capture' && Object.hasOwn(values, part.name)) return values[part.name]!;
    return placeholder(part);
  });
}

function placeholder(part: Exclude<TemplatePart, { kind: 'literal' }>): TagPattern {
  if (part.kind === 'derived') return [NUMBER];
  const filled = filling(part);
  return part.optional ? [choice([], filled)] : filled;
}

function filling({ name, type }: Extract<TemplatePart, { kind: 'capture' }>): TagPattern {
  switch (name) {
    case 'arch':
      return [words(SPELLINGS)];
    case 'os':
      return [words(SYSTEMS)];
    case 'variant':
      return [text('v'), one('nonzero')];
    case 'osversion':
      return [OS_VERSION];
  }
  if (type === 'int') return [one('digit'), any('digit')];
  return type === 'semver' ? SEMVER : [one('tag'), any('tag')];
}
