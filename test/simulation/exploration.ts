import type { Branch } from './branch.ts';
import type { Core } from './core.ts';
import type { Errand } from './handler.ts';
import type { Budget, Point } from './point.ts';
import type { Scenario } from './scenario.ts';
import type { State } from './state.ts';

/** What is explored: a rule, what happens outside in which sequences, and how many faults of which kind. */
export interface Exploration {
  readonly name: string;
  readonly scenario: Scenario;
  readonly before?: (state: State) => void;
  readonly threads: readonly (readonly OutsideAct[])[];
  readonly budget: Budget;
  readonly mostHandlers: number;
  /** Whether two handlers may work on one key at once, as they may without a queue. */
  readonly noMutex?: boolean;
}

export interface OutsideAct {
  readonly label: string;
  readonly optional?: boolean;
  readonly act: (point: Point) => void;
}

export interface Exploring {
  readonly core: Core;
  readonly exploration: Exploration;
  readonly start: (key: string, errand: Errand) => Promise<Branch>;
}
