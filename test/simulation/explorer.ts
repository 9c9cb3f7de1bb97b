import { Branch } from './branch.ts';
import type { Core } from './core.ts';
import type { Exploration } from './exploration.ts';
import { movesOf } from './moves.ts';
import { deliverAll, keyOfPoint, type Point } from './point.ts';
import { BrokenPromise, checkRest } from './promises.ts';
import { REGISTRY } from './scenario.ts';
import { MORNING } from './simulation.ts';
import { emptyState } from './state.ts';

export interface Explored {
  readonly states: number;
  /** Points where nothing has to happen any more. */
  readonly rests: number;
  readonly complete: boolean;
  /** The shortest way to a broken promise, with what is broken at its end. */
  readonly broken?: { readonly error: BrokenPromise; readonly trace: readonly string[] };
}

/** Tries every order of everything that can happen, the shortest ways first, until a promise is broken. */
export async function explore(core: Core, exploration: Exploration, limit = 300_000): Promise<Explored> {
  const branches = new Map<string, Promise<Branch>>();
  const surroundings = {
    registry: REGISTRY,
    rules: [exploration.scenario.rule],
    configs: new core.ConfigCache(),
    now: () => MORNING,
    tellsImmutable: false,
  };
  const world = {
    core,
    exploration,
    start: (key: string, errand: Parameters<typeof Branch.start>[2]) => {
      const known = branches.get(key) ?? Branch.start(core, surroundings, errand);
      branches.set(key, known);
      return known;
    },
  };
  const first: Point = {
    state: emptyState(MORNING),
    handlers: [],
    budget: exploration.budget,
    threads: exploration.threads.map(() => 0),
  };
  exploration.before?.(first.state);
  deliverAll(core, exploration.scenario, first.state);

  const from: number[] = [-1];
  const labels: string[] = [''];
  const points: (Point | undefined)[] = [first];
  const known = new Set([keyOfPoint(first)]);
  let rests = 0;
  const traceTo = (at: number): string[] => (at <= 0 ? [] : [...traceTo(from[at]!), labels[at]!]);
  for (let at = 0; at < points.length; at++) {
    const point = points[at]!;
    points[at] = undefined;
    let must = false;
    for (const { label, optional, go } of movesOf(world, point)) {
      must ||= !optional;
      try {
        const next = await go();
        const key = keyOfPoint(next);
        if (known.has(key)) continue;
        known.add(key);
        points.push(next);
        from.push(at);
        labels.push(label);
      } catch (error) {
        if (!(error instanceof BrokenPromise)) throw error;
        return { states: at, rests, complete: false, broken: { error, trace: [...traceTo(at), label] } };
      }
    }
    if (must) continue;
    rests++;
    try {
      checkRest(point.state, exploration.scenario, { record: exploration.budget.crash === 0 });
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
      return { states: at, rests, complete: false, broken: { error, trace: traceTo(at) } };
    }
    if (points.length > limit) return { states: points.length, rests, complete: false };
  }
  return { states: points.length, rests, complete: true };
}
