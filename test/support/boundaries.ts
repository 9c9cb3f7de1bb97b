import {
  forbiddenPaths,
  type ImportEdge,
  type ImportGraph,
  importGraph,
  sourceOf,
  withoutComments,
} from './import-graph.ts';

/** Who may import whom. A way that breaks it is told as `a -> b -> c`, the last step being the forbidden one. */
interface Boundary {
  readonly name: string;
  readonly from: (file: string) => boolean;
  readonly forbids: (to: string, from: string) => boolean;
  readonly follow?: (edge: ImportEdge) => boolean;
}

const FOLDERS = ['lib', 'functions', 'infra'];
const isIn = (...places: readonly string[]) => {
  return (file: string) => places.some(place => file === place || file.startsWith(`${place}/`));
};
const isOurs = isIn(...FOLDERS);
const isPure = isIn('lib/image', 'lib/rules', 'lib/events', 'lib/errors.ts');
const isSdk = (to: string) => /^@(aws-sdk|smithy|azure|aws-lambda-powertools)\//.test(to);
const isAdapter = isIn(
  'lib/registry/ecr',
  'lib/registry/acr',
  'lib/registry/secrets',
  'lib/ledger/dynamodb',
  'lib/queue/sqs',
  'lib/queue/states',
  'lib/bus/eventbridge',
  'lib/deployment/aws',
  'functions',
);

/** Words only, and the reading of files that both synth and commands do. */
const isAgreed = isIn(
  'lib/files',
  'lib/registry/ecr/ecr-host.ts',
  'lib/ledger/dynamodb/table.ts',
  'lib/queue/write-budget.ts',
  'lib/messages/execution-outcome.ts',
  'lib/messages/import-message.ts',
);

const BOUNDARIES: readonly Boundary[] = [
  {
    name: 'pure code reaches pure code, node:crypto and nothing else; zod and yaml are for loading the configuration',
    from: isPure,
    forbids: to => (isOurs(to) ? !isPure(to) : !['node:crypto', 'zod', 'yaml'].includes(to)),
  },
  {
    name: 'assembly reaches pure code, the interfaces of registry and ledger, and itself',
    from: isIn('lib/assembly'),
    forbids: (to, from) =>
      isIn('lib/assembly')(from) &&
      !isPure(to) &&
      !isIn('lib/assembly', 'lib/registry/interfaces.ts', 'lib/ledger/interface.ts')(to),
  },
  {
    name: 'imports reach pure code, the interfaces of registries, and themselves',
    from: isIn('lib/import'),
    forbids: (to, from) =>
      isIn('lib/import')(from) &&
      isOurs(to) &&
      !isPure(to) &&
      !isIn('lib/import', 'lib/registry/interfaces.ts')(to),
  },
  {
    name: 'the interfaces of registry and ledger are words only',
    from: isIn('lib/registry/interfaces.ts', 'lib/ledger/interface.ts'),
    forbids: (to, from) => !isPure(from) && !isPure(to),
  },
  {
    name: 'registries know nothing of ledgers, assembly, server and commands',
    from: isIn('lib/registry'),
    forbids: to => isIn('lib/ledger', 'lib/assembly', 'lib/server', 'lib/cli', 'functions', 'infra')(to),
  },
  {
    name: 'ledgers know nothing of registries, assembly, server and commands',
    from: isIn('lib/ledger'),
    forbids: to => isIn('lib/registry', 'lib/assembly', 'lib/server', 'lib/cli', 'functions', 'infra')(to),
  },
  {
    name: 'the server knows nothing of commands',
    from: isIn('lib/server'),
    forbids: to => isIn('lib/cli', 'functions', 'infra')(to),
  },
  {
    name: 'the queue, the bus and what operators do to a deployment know nothing of commands and functions',
    from: isIn('lib/queue', 'lib/bus', 'lib/messages', 'lib/deployment'),
    forbids: to => isIn('lib/cli', 'functions', 'infra')(to),
  },
  {
    name: 'plans know nothing of commands and functions',
    from: isIn('lib/plan'),
    forbids: to => isIn('lib/cli', 'functions', 'infra')(to),
  },
  {
    name: "a vendor's SDK appears in its adapter or in a composition root",
    from: file => isOurs(file),
    forbids: (to, from) => isSdk(to) && !isAdapter(from),
  },
  {
    name: 'functions and commands never reach each other',
    from: isIn('functions'),
    forbids: to => isIn('lib/cli')(to),
  },
  {
    name: 'commands and functions never reach each other',
    from: isIn('lib/cli'),
    forbids: to => isIn('functions')(to),
  },
  {
    name: 'infra reaches the rules, what it has to agree on with the code that it deploys, and no SDK',
    from: isIn('infra'),
    forbids: to => isSdk(to) || (isIn('lib')(to) && !isPure(to) && !isAgreed(to)),
  },
];

/** What tells the time, or anything else that a simulation could not own. */
const OUTSIDE =
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|Date\.now|performance\.now|Math\.random|randomUUID|AbortSignal\.timeout|process\.\w+|globalThis)\b|\bnew Date\(\s*\)/;

/** Every broken boundary of the tree at `root`, one line each. */
export function brokenBoundaries(root: string): readonly string[] {
  const graph = importGraph(root, FOLDERS);
  return [
    ...BOUNDARIES.flatMap(boundary => broken(graph, boundary)),
    ...eagerLoaders(graph),
    ...outsideInAssembly(root, graph),
  ].toSorted();
}

/** One line for each last step, with the longest way to it, so that the file that suffers is named. */
function broken(graph: ImportGraph, { name, from, forbids, follow }: Boundary): readonly string[] {
  const byStep = new Map<string, readonly string[]>();
  for (const start of graph.keys()) {
    if (!from(start)) continue;
    for (const path of forbiddenPaths(graph, start, forbids, follow)) {
      const step = path.slice(-2).join(' -> ');
      if ((byStep.get(step)?.length ?? 0) < path.length) byStep.set(step, path);
    }
  }
  return [...byStep.values()].map(path => `${path.join(' -> ')}   (${name})`);
}

/**
 * zod and yaml are slow to load, so only lib/rules/load* and what nobody else uses may have them: a command that
 * reads no configuration must not pay for them. Types cost nothing.
 */
function eagerLoaders(graph: ImportGraph): readonly string[] {
  const loaders = loadersOf(graph);
  const heavy = (to: string) => to === 'zod' || to === 'yaml' || loaders.has(to);
  return broken(graph, {
    name: 'zod and yaml are for lib/rules/load* and what only those use',
    from: file => isPure(file) && !loaders.has(file),
    forbids: heavy,
    follow: ({ kind }) => kind !== 'type',
  });
}

/** The load* files, and those of lib/rules that are imported by such files only. */
function loadersOf(graph: ImportGraph): ReadonlySet<string> {
  const importers = new Map<string, string[]>();
  for (const [file, edges] of graph) {
    for (const { to, kind } of edges) {
      if (kind !== 'type') importers.set(to, [...(importers.get(to) ?? []), file]);
    }
  }
  const loaders = new Set([...graph.keys()].filter(isIn('lib/rules')));
  for (let size = -1; size !== loaders.size; ) {
    size = loaders.size;
    for (const file of loaders) {
      const users = importers.get(file) ?? [];
      const named = /^lib\/rules\/load/.test(file);
      if (!named && !(users.length > 0 && users.every(user => loaders.has(user)))) loaders.delete(file);
    }
  }
  return loaders;
}

function outsideInAssembly(root: string, graph: ImportGraph): readonly string[] {
  return [...graph.keys()].filter(isIn('lib/assembly')).flatMap(file => {
    const [found] = OUTSIDE.exec(withoutComments(sourceOf(root, file))) ?? [];
    return found === undefined ? [] : [`${file} -> ${found}   (assembly is told the time, it does not look)`];
  });
}
