import { StateSets } from './tag-automaton.ts';
import type { TagPattern } from './tag-pattern.ts';

/** The tags that match all of `include` and none of `exclude`. */
export interface TagSet {
  readonly include: readonly TagPattern[];
  readonly exclude: readonly TagPattern[];
}

/** More than patterns of people need; beyond it two sets count as meeting, which only refuses too much. */
const MOST_STATES = 20_000;
const LONGEST_TAG = 128;

/** Whether some tag is in one of `a` and in one of `b`. */
export function tagSetsMeet(a: readonly TagSet[], b: readonly TagSet[]): boolean {
  return a.some(left =>
    b.some(right => hasTag([...left.include, ...right.include], [...left.exclude, ...right.exclude])),
  );
}

/**
 * Whether some tag matches all of `include` and none of `exclude`: walks all their automata at once, breadth first,
 * over one character of each kind that they tell apart.
 */
function hasTag(include: readonly TagPattern[], exclude: readonly TagPattern[]): boolean {
  const patterns = [...include, ...exclude];
  const walks = patterns.map(pattern => StateSets.of(pattern));
  const alphabet = alphabetOf(patterns);
  const isIn = (sets: readonly number[]): boolean =>
    sets.every((set, index) => walks[index]!.isEnd(set) === index < include.length);

  let layer: readonly (readonly number[])[] = [walks.map(({ start }) => start)];
  const seen = new Set<string>();
  for (let length = 1; length <= LONGEST_TAG; length++) {
    const next: (readonly number[])[] = [];
    for (const sets of layer) {
      for (const character of alphabet) {
        // No tag begins with these.
        if (length === 1 && /[.-]/.test(character)) continue;
        const after = sets.map((set, index) => walks[index]!.after(set, character));
        if (after.slice(0, include.length).includes(0)) continue;
        if (isIn(after)) return true;
        const key = after.join(' ');
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(after);
      }
    }
    if (seen.size > MOST_STATES) return true;
    layer = next;
  }
  return false;
}

/** Each character that a pattern names, and one of each kind that none names. */
function alphabetOf(patterns: readonly TagPattern[]): readonly string[] {
  const named = new Set<string>();
  const collect = (pattern: TagPattern): void => {
    for (const part of pattern) {
      if (part.kind === 'text') for (const character of part.text) named.add(character);
      else if (part.kind === 'repeat') collect(part.of);
      else if (part.kind === 'choice') part.of.forEach(collect);
    }
  };
  patterns.forEach(collect);
  const others = ['abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', '123456789', '0', '_', '.', '-'];
  for (const kind of others) {
    const unnamed = [...kind].find(character => !named.has(character));
    if (unnamed !== undefined) named.add(unnamed);
  }
  return [...named];
}
