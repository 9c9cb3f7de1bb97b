import { applyTarget } from '../plan/apply-target.ts';
import type { Planned } from '../plan/planned.ts';
import { stalePlan } from '../plan/planned-write.ts';
import { rulesFor } from '../rules/group.ts';
import type { Config } from '../rules/load.ts';
import { applyAnswer, type Deed, deedsToTell, sayDeed, saySum } from './applied.ts';
import type { Answer, Invocation } from './command.ts';
import { makePlan, sayFailures, sightsOf } from './make-plan.ts';
import { type Ledgers, openLedgers } from './open-ledgers.ts';
import { CALLERS_OWN } from './open-registry.ts';
import { durationFlag, mistake } from './parse-arguments.ts';
import { everyPlanned } from './plan-summary.ts';
import { readConfig } from './read-config.ts';
import { readScope, registryAt, type Scope, type ScopeRegistry } from './read-scope.ts';
import { readSavedPlan } from './saved-plan.ts';
import { planLines } from './tell-plan.ts';

/** `apply`: writes what `plan` shows. Looks again before each write. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { flags, operands } = invocation;
  const saved = flags.value('plan');
  const event = flags.value('event');
  const others = ['event', 'restore', 'wait'].some(name => flags.has(name)) || operands.length > 0;
  if (saved !== undefined && others)
    throw mistake('--plan says all that is to be written: it goes with --yes alone.');
  const ledgers = openLedgers(invocation);
  try {
    if (saved !== undefined) return await applySaved(saved, invocation, ledgers);
    const asked =
      event === undefined ? await readScope(operands[0], invocation) : await eventScope(event, invocation);
    const scope = await ledgers.settle(asked);
    const wait = durationFlag(flags, 'wait');
    if (scope.kind === 'targets') {
      const { applyNamed } = await import('./apply-named.ts');
      return await applyNamed(scope, invocation, ledgers, wait);
    }
    if (wait !== undefined)
      throw mistake('--wait is for one index.', 'archweave apply HOST/REPO:TAG --wait 30m');
    return await applyScope(scope, invocation, ledgers);
  } finally {
    ledgers.close();
  }
}

async function eventScope(file: string, invocation: Invocation): Promise<Scope> {
  const { readEventScope } = await import('./event-scope.ts');
  const { heads, targets } = await readEventScope(file, invocation.operands[0], invocation);
  for (const head of heads) invocation.terminal.note(head);
  return { kind: 'targets', targets, named: false };
}

async function applyScope(
  scope: Extract<Scope, { kind: 'registries' }>,
  invocation: Invocation,
  ledgers: Ledgers,
): Promise<Answer> {
  const { flags, terminal, now } = invocation;
  const began = now();
  const plans = await makePlan(scope, invocation, ledgers, { restore: flags.has('restore') });
  ledgers.sayMissing();
  await sayFailures(plans, invocation);
  const took = now() - began;
  for (const line of planLines(plans, {
    all: false,
    full: false,
    now: now(),
    took,
    paint: terminal.paintNote,
  }))
    terminal.note(line);
  const at = new Map(scope.registries.map(one => [one.host, one]));
  const writes = everyPlanned(plans).filter(({ group }) => group.state === 'publish');
  if (writes.length === 0) return await applyAnswer([], plans, invocation);
  await confirmed(writes.length, invocation);
  const deeds = deedsToTell(invocation);
  for (const planned of writes) {
    const deed = await writePlanned(planned, at.get(planned.group.registry)!, invocation, ledgers);
    sayDeed(deed, invocation);
    deeds.push(deed);
  }
  saySum(deeds, plans, invocation);
  return await applyAnswer(deeds, plans, invocation);
}

/** Everybody agreed to this plan, so each write is the planned one or none. */
async function writePlanned(
  { group, tag, restores, action }: Pick<Planned, 'group' | 'tag' | 'restores' | 'action'>,
  at: ScopeRegistry,
  invocation: Invocation,
  ledgers: Ledgers,
): Promise<Deed> {
  const began = invocation.now();
  const { host, rules } = at;
  const { repository, before, after } = group;
  const rule = rulesFor(rules, host, repository).find(({ name }) => name === group.rule.name)!;
  const applied = await applyTarget(await sightsOf(at, invocation, ledgers), {
    place: { registry: host, repository, rule },
    tag,
    asked: { named: false, restore: restores },
    restores,
    ...(after !== null && { expected: { before, after } }),
  });
  return { host, repository, tag, action, applied, ms: invocation.now() - began, planned: group };
}

async function applySaved(file: string, invocation: Invocation, ledgers: Ledgers): Promise<Answer> {
  const writes = readSavedPlan(file, invocation.cwd);
  const config = (await readConfig(invocation))?.config;
  if (writes.length > 0) await confirmed(writes.length, invocation);
  const deeds = deedsToTell(invocation);
  for (const { registry: host, repository, rule: name, tag, expected } of writes) {
    const began = invocation.now();
    const at = await savedRegistry(host, config, invocation, ledgers);
    const rule = rulesFor(at.rules, host, repository).find(one => one.name === name);
    const place = rule && { registry: host, repository, rule };
    // A plan of one named target is as much as its name.
    const asked = { named: true, restore: false };
    const applied =
      place === undefined
        ? ({ result: 'failed', error: stalePlan(`${host}/${repository}:${tag}`), stale: true } as const)
        : await applyTarget(await sightsOf(at, invocation, ledgers), {
            place,
            tag,
            asked,
            restores: false,
            expected,
          });
    const action = expected.before === null ? ('new' as const) : ('change' as const);
    const deed: Deed = { host, repository, tag, action, applied, ms: invocation.now() - began };
    sayDeed(deed, invocation);
    deeds.push(deed);
  }
  saySum(deeds, [], invocation);
  return await applyAnswer(deeds, [], invocation, { saved: true });
}

/** archweave.yaml may call the registry of a saved plan `ecr`. */
async function savedRegistry(
  host: string,
  config: Config | undefined,
  invocation: Invocation,
  ledgers: Ledgers,
): Promise<ScopeRegistry> {
  const names = config?.registries.map(registry => registry.host) ?? [];
  if (!names.includes(host) && names.includes(CALLERS_OWN)) {
    const registries = [registryAt({ host: CALLERS_OWN }, config, invocation)];
    const scope = await ledgers.settle({ kind: 'registries', registries });
    const own = scope.kind === 'registries' && scope.registries.find(one => one.host === host);
    if (own) return own;
  }
  return registryAt({ host }, config, invocation);
}

/** Throws `bad-argument` where nobody is there to agree, and where somebody does not. */
async function confirmed(count: number, { flags, confirm, common }: Invocation): Promise<void> {
  if (flags.has('yes')) return;
  const tags = `${count} ${count === 1 ? 'tag' : 'tags'}`;
  if (confirm === undefined || common.json)
    throw mistake(`apply would write ${tags} and nobody is here to confirm. Add --yes.`);
  if (!(await confirm(`Write ${tags}? [y/N] `))) throw mistake('nothing was written.');
}
