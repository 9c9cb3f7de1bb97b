import type { CharacterClass, TagPattern } from './tag-pattern.ts';

/** A pattern as states and steps between them. State 0 is the beginning; a pattern ends in `end`. */
interface TagAutomaton {
  readonly end: number;
  /** For each state: what may come next and where it leads; a step without `takes` takes nothing. */
  readonly steps: readonly (readonly Step[])[];
}

interface Step {
  readonly takes?: { readonly character: string } | { readonly of: CharacterClass };
  readonly to: number;
}

function tagAutomaton(pattern: TagPattern): TagAutomaton {
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
  return { end: build(pattern, 0), steps };
}

/**
 * A walk over an automaton in whole sets of states, each with a number; what was found out is kept, so that the
 * second walk over the same pattern looks things up. Set 0 is empty.
 */
export class StateSets {
  readonly #automaton: TagAutomaton;
  readonly #numbers = new Map<string, number>([['', 0]]);
  readonly #sets: (readonly number[])[] = [[]];
  readonly #after: Map<string, number>[] = [new Map()];

  private constructor(automaton: TagAutomaton) {
    this.#automaton = automaton;
  }

  static readonly #made = new WeakMap<TagPattern, StateSets>();

  static of(pattern: TagPattern): StateSets {
    const known = StateSets.#made.get(pattern) ?? new StateSets(tagAutomaton(pattern));
    StateSets.#made.set(pattern, known);
    return known;
  }

  get start(): number {
    return this.#number(settled(this.#automaton, [0]));
  }

  /** The set after one character. */
  after(set: number, character: string): number {
    const known = this.#after[set]!.get(character);
    if (known !== undefined) return known;
    const next = new Set<number>();
    for (const from of this.#sets[set]!) {
      for (const { takes, to } of this.#automaton.steps[from]!) {
        if (takes === undefined) continue;
        if ('of' in takes ? CLASSES[takes.of].test(character) : takes.character === character) next.add(to);
      }
    }
    const found = this.#number(settled(this.#automaton, next));
    this.#after[set]!.set(character, found);
    return found;
  }

  /** Whether a tag may end here. */
  isEnd(set: number): boolean {
    return this.#sets[set]!.includes(this.#automaton.end);
  }

  #number(states: readonly number[]): number {
    const name = states.join();
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#sets.length);
    this.#after.push(new Map());
    return this.#sets.push(states) - 1;
  }
}

/** The states that can be reached from these without taking anything, sorted. */
function settled({ steps }: TagAutomaton, states: Iterable<number>): readonly number[] {
  const found = new Set(states);
  for (const from of found) for (const { takes, to } of steps[from]!) if (takes === undefined) found.add(to);
  return [...found].sort((a, b) => a - b);
}

/** For one character. */
const CLASSES: Readonly<Record<CharacterClass, RegExp>> = {
  tag: /[A-Za-z0-9_.-]/,
  digit: /[0-9]/,
  nonzero: /[1-9]/,
  alpha: /[A-Za-z-]/,
  alnum: /[0-9A-Za-z-]/,
};
