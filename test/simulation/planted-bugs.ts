/**
 * A bug that is planted on purpose: one line of the source that is written otherwise, or a queue that is set up
 * wrong. The simulation has to find each of them, or it proves nothing about the code without them.
 */
export interface PlantedBug {
  readonly name: string;
  readonly changes?: readonly { readonly file: string; readonly find: string; readonly put: string }[];
  readonly contentDeduplication?: boolean;
  /** Whether the explorer has to find it too; two of them need a platform or a queue that it does not have. */
  readonly explored: boolean;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'the own push is ignored',
    explored: true,
    changes: [
      {
        file: 'assembly/wake-up.ts',
        find: '  return verifyWakeUps(rule, push.registry, push.repository, tag, cause).map(wakeUp => ({',
        put: '  return ([] as WakeUp[]).map(wakeUp => ({',
      },
    ],
  },
  {
    name: 'a verified target is compared with the group that its index names, and no other',
    explored: true,
    changes: [
      {
        file: 'assembly/examine.ts',
        find: '  const groups = await groupsOf(sights, place, tag, matches);',
        put: `  const { target: { state: seen } } = await examineAlone(sights, place, target, source, []);
            const groups = (await groupsOf(sights, place, tag, matches)).filter(captures =>
              seen.kind !== 'own' || buildName(place.rule, captures) === buildName(place.rule, seen.build.captures));`,
      },
    ],
  },
  {
    name: 'what is published is remembered before it is written',
    explored: true,
    changes: [
      {
        file: 'assembly/publish.ts',
        find: '    const signal = world.writeSignal?.();',
        put: '    await rememberWritten(world, verdict, put);\n    const signal = world.writeSignal?.();',
      },
    ],
  },
  {
    name: 'what is published is not remembered',
    explored: true,
    changes: [
      {
        file: 'assembly/publish.ts',
        find: '  const stored = await world.ledger.remember(at, next, before => isNewer(before) || isRival(before));',
        put: '  const stored = next;',
      },
    ],
  },
  { name: 'the queue drops messages of the same content', contentDeduplication: true, explored: false },
  {
    name: 'a tagged write that got no answer is sent again',
    explored: true,
    changes: [
      {
        file: 'assembly/publish.ts',
        find: "    case 'timeout':\n",
        put: `    case 'timeout':
              await world.registry.writeManifest(repository, target.tag, put.manifest);
              await rememberWritten(world, verdict, put);
              return { kind: 'written', manifest: put.manifest };\n`,
      },
    ],
  },
  {
    name: 'a target that vanished after the write is written again',
    explored: true,
    changes: [
      {
        file: 'assembly/assemble.ts',
        find: "    if (again.kind !== 'still') look.old = true;",
        put: `    if (again.kind !== 'still') look.old = true;
              if (again.kind === 'target-gone') await publish(world, verdict);`,
      },
    ],
  },
  {
    name: 'bytes are compared, not what they mean',
    explored: true,
    changes: [
      {
        file: 'assembly/decide.ts',
        find: '    state.meaning !== undefined && sameMeaning(state.meaning, meaningOfChosen({ rule, chosen, shared }));',
        put: '    state.digest === composed({ rule, build, target } as Question, { chosen } as Complete, []).manifest.digest;',
      },
    ],
  },
  {
    name: 'a pass that found no rest is acknowledged',
    explored: true,
    changes: [
      {
        file: 'assembly/assemble.ts',
        find: "  throw trouble?.kind === 'again' ? trouble.error : restless(first);",
        put: '  return report(world, { verdict, cause, written });',
      },
    ],
  },
  {
    name: 'an optional member of another build holds the build up',
    explored: false,
    changes: [
      {
        file: 'assembly/resolve.ts',
        find: 'const required = chosen.filter(choice => choice.required);',
        put: 'const required = chosen;',
      },
    ],
  },
  {
    name: 'only the spelling that the event names is looked at',
    explored: true,
    changes: [
      {
        file: 'assembly/examine.ts',
        find: '  const observation = await observe(sights, { ...place, captures, targets });',
        put: `  const all = candidates(place.rule, captures);
            const named = all.find(({ tag }) => floors.some(floor => floor.tag === tag));
            const members = all.filter(one => !named || one === named || one.platforms[0] !== named.platforms[0]);
            const observation = await observe(sights, { ...place, captures, targets, members });`,
      },
      {
        file: 'assembly/examine.ts',
        find: "import { compareBuilds } from '../rules/order.ts';",
        put: "import { compareBuilds } from '../rules/order.ts';\nimport { candidates } from '../rules/group.ts';",
      },
    ],
  },
];
