import type { Exploration, OutsideAct } from './exploration.ts';
import { imageOf } from './images.ts';
import { noteRemoval } from './person.ts';
import type { Budget } from './point.ts';
import { deleteTag, putTag } from './registry-acts.ts';
import { scenario } from './scenario.ts';
import type { State } from './state.ts';

const LATEST = scenario({ name: 'latest', shape: 'latest', groups: ['1', '2'] });
const MOVING = scenario({ name: 'a tag that moves', shape: 'moving', groups: ['main'] });
const NO_BUDGET: Budget = { crash: 0, expiry: 0, timeout: 0, failedWrite: 0, apply: 0 };

/** Two builds of one target, two handlers, and one or two faults: small enough to try everything. */
export const EXPLORATIONS: readonly Exploration[] = [
  shared('two builds of latest', {}),
  shared('two builds of latest, a handler dies', { crash: 1 }),
  shared('two builds of latest, a write gets no answer', { timeout: 1 }),
  shared('two builds of latest, a message is seen twice', { expiry: 1 }),
  shared('two builds of latest, somebody runs apply', { apply: 1 }),
  shared('two builds of latest, the registry fails three times', { failedWrite: 3 }),
  { ...shared('two builds of latest, nothing keeps handlers apart', {}), noMutex: true },
  withRemoval(shared('two builds of latest, a person removes it', {})),
  withRemoval(shared('two builds of latest, a person removes it, a handler dies', { crash: 1 })),
  withWithdrawal(
    shared('two builds of latest, the newer one is withdrawn, a write gets no answer', { timeout: 1 }),
  ),
  moving('a tag that moves', {}),
  moving('a tag that moves, a handler dies', { crash: 1 }),
  moving('a tag that moves, a write gets no answer', { timeout: 1 }),
  moving('a tag that moves, a message is seen twice', { expiry: 1 }),
  withRemoval(moving('a tag that moves, a person removes it', {})),
];

/** The same with more that can happen at once: a hundred thousand states each, and minutes. */
export const LARGE_EXPLORATIONS: readonly Exploration[] = [
  { ...shared('two builds of latest, nothing keeps handlers apart, one dies', { crash: 1 }), noMutex: true },
  shared('two builds of latest, a message is seen twice, a write gets no answer', { expiry: 1, timeout: 1 }),
  shared('two builds of latest, somebody runs apply, a handler dies', { apply: 1, crash: 1 }),
  withRemoval(moving('a tag that moves, a person removes it, a handler dies', { crash: 1 })),
  moving('a tag that moves, two handlers die', { crash: 2 }),
];

function shared(name: string, budget: Partial<Budget>): Exploration {
  return {
    name,
    scenario: LATEST,
    before: state => {
      push(state, '1-amd64', 'amd64', 'r1');
      push(state, '2-amd64', 'amd64', 'r2');
      state.events = [];
    },
    threads: [[pushes('1-arm64', 'arm64', 'r1')], [pushes('2-arm64', 'arm64', 'r2')]],
    budget: { ...NO_BUDGET, ...budget },
    mostHandlers: 2,
  };
}

function moving(name: string, budget: Partial<Budget>): Exploration {
  return {
    name,
    scenario: MOVING,
    before: state => {
      push(state, 'main-amd64', 'amd64', 'r1');
      state.events = [];
    },
    threads: [
      [
        pushes('main-arm64', 'arm64', 'r1'),
        pushes('main-amd64', 'amd64', 'r2'),
        pushes('main-arm64', 'arm64', 'r2'),
      ],
    ],
    budget: { ...NO_BUDGET, ...budget },
    mostHandlers: 2,
  };
}

function pushes(tag: string, architecture: string, revision: string): OutsideAct {
  return {
    label: `push ${tag} of ${revision}`,
    act: ({ state }) => push(state, tag, architecture, revision),
  };
}

function push(state: State, tag: string, architecture: string, revision: string): void {
  putTag(state, tag, imageOf({ architecture, revision, serial: 0 }).manifest);
}

/** At any moment, once. */
function withRemoval(exploration: Exploration): Exploration {
  const target = exploration.scenario === MOVING ? 'main' : 'latest';
  const label = `a person removes ${target}`;
  const act: OutsideAct['act'] = ({ state, handlers }) => {
    noteRemoval(state, exploration.scenario, handlers, target);
    deleteTag(state, target);
  };
  return { ...exploration, threads: [...exploration.threads, [{ label, act, optional: true }]] };
}

function withWithdrawal(exploration: Exploration): Exploration {
  const label = 'delete 2-amd64';
  const act: OutsideAct['act'] = ({ state }) => deleteTag(state, '2-amd64');
  return { ...exploration, threads: [...exploration.threads, [{ label, act, optional: true }]] };
}
