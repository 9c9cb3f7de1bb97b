import type { CharacterClass, TagPattern } from './tag-pattern.ts';

/** A pattern as states and steps between them. State 0 is the beginning; a pattern ends in `end`. */
export interface TagAutomaton {
  readonly end: number;
  /** For each state: what may come next and where it leads; a step without `takes` takes nothing. */
  readonly steps: readonly (readonly Step[])[];
}

interface Step {
  readonly takes?: { readonly character: string } | { readonly of: CharacterClass };
  readonly to: number;
}

const made = new WeakMap<TagPattern, TagAutomaton>();

export function tagAutomaton(pattern: TagPattern): TagAutomaton {
  const known = made.get(pattern);
  if (known) return known;
  const steps: Step[][] = [[]];
  const state = (): number => steps.push([]) - 1;
  const build = (part: TagPattern, from: number): number => part.reduce(partFrom, from);
  const partFrom = (from: number, part: TagPattern[number]): number => {
    if (part.kind === 'text') {
      let at = from;
      for (const character of part.text) at = step(at, { character });
      return at;
    }
    if (part.kind === 'one') return step(from, { of: part.of });
    const end = state();
    if (part.kind === 'choice') {
      for (const branch of part.of) steps[build(branch, skip(from))]!.push({ to: end });
      return end;
    }
    const begin = skip(from);
    steps[build(part.of, begin)]!.push({ to: begin });
    steps[begin]!.push({ to: end });
    return end;
  };
  const step = (from: number, takes: Step['takes']): number => {
    const to = state();
    steps[from]!.push({ ...(takes && { takes }), to });
    return to;
  };
  const skip = (from: number): number => step(from, undefined);
  const automaton = { end: build(pattern, 0), steps };
  made.set(pattern, automaton);
  return automaton;
}

/** The states that can be reached from these without taking anything, sorted. */
export function settled({ steps }: TagAutomaton, states: Iterable<number>): readonly number[] {
  const found = new Set(states);
  for (const from of found) for (const { takes, to } of steps[from]!) if (takes === undefined) found.add(to);
  return [...found].sort((a, b) => a - b);
}

/** The states after one character. */
export function advanced(
  automaton: TagAutomaton,
  states: readonly number[],
  character: string,
): readonly number[] {
  const next = new Set<number>();
  for (const from of states) {
    for (const { takes, to } of automaton.steps[from]!) {
      if (takes === undefined) continue;
      if ('of' in takes ? isOf(takes.of, character) : takes.character === character) next.add(to);
    }
  }
  return settled(automaton, next);
}

const CLASSES: Readonly<Record<CharacterClass, RegExp>> = {
  tag: /^[A-Za-z0-9_.-]$/,
  digit: /^[0-9]$/,
  nonzero: /^[1-9]$/,
  alpha: /^[A-Za-z-]$/,
  alnum: /^[0-9A-Za-z-]$/,
};

function isOf(of: CharacterClass, character: string): boolean {
  return CLASSES[of].test(character);
}
