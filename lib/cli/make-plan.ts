import { ConfigCache } from '../assembly/config-cache.ts';
import { ArchweaveError } from '../errors.ts';
import { lookAtTarget } from '../plan/look-at-target.ts';
import { planRegistry, type RegistryPlan } from '../plan/plan-registry.ts';
import type { RepositoryPlan } from '../plan/plan-repository.ts';
import { type Planned, plannedOf } from '../plan/planned.ts';
import type { Invocation } from './command.ts';
import type { Ledgers } from './open-ledgers.ts';
import type { Scope, ScopeRegistry } from './read-scope.ts';

/** Reads all that a scope covers and says what would be done about it. Writes nothing. */
export async function makePlan(
  scope: Scope,
  invocation: Invocation,
  ledgers: Ledgers,
  { restore = false }: { readonly restore?: boolean } = {},
): Promise<readonly RegistryPlan[]> {
  if (scope.kind === 'targets') return await planTargets(scope, invocation, ledgers, restore);
  const { now, signal, terminal } = invocation;
  const plans: RegistryPlan[] = [];
  for (const { host, registry, rules, repositories } of scope.registries) {
    const ledger = await ledgers.of(host);
    const subject = { host, registry, rules, ledger, restore, now, signal };
    const plan = await planRegistry(subject, repositories, count => {
      if (terminal.attended && count > 1) terminal.note(`reading ${count} repositories of ${host}`);
    });
    plans.push(repositories === undefined ? plan : refuseEmpty(plan));
    if (plan.repositories.length + plan.failures.length === 0)
      terminal.note(
        `note: ${host} has no repository that a rule is for; archweave check --online tells of each rule`,
      );
  }
  return onlyFailure(plans);
}

async function planTargets(
  { targets, named }: Extract<Scope, { kind: 'targets' }>,
  invocation: Invocation,
  ledgers: Ledgers,
  restore: boolean,
): Promise<readonly RegistryPlan[]> {
  const { now } = invocation;
  const byHost = new Map<string, Map<string, Planned[]>>();
  for (const target of targets) {
    const { host, repository, rule, tag } = target;
    const sights = await sightsOf(target, invocation, ledgers);
    const asked = { named, restore };
    const { verdict, restores } = await lookAtTarget(
      sights,
      { registry: host, repository, rule },
      tag,
      asked,
    );
    const repositories = byHost.get(host) ?? new Map<string, Planned[]>();
    byHost.set(host, repositories);
    repositories.set(repository, [
      ...(repositories.get(repository) ?? []),
      plannedOf(verdict, now(), restores),
    ]);
  }
  return [...byHost].map(([host, repositories]) => ({
    host,
    failures: [],
    repositories: [...repositories].map(
      ([repository, planned]): RepositoryPlan => ({ repository, planned, tags: 0, unruled: 0 }),
    ),
  }));
}

/** What a look or a write works with, for a registry of a scope. */
export async function sightsOf(
  { host, registry, rules }: ScopeRegistry,
  { now, signal }: Invocation,
  ledgers: Ledgers,
) {
  const ledger = await ledgers.of(host);
  return { registry, rules, ledger, configs: new ConfigCache(), clock: { now }, signal };
}

/** A repository that was named and has no tags was misspelt, as likely as not. */
function refuseEmpty(plan: RegistryPlan): RegistryPlan {
  const empty = plan.repositories.find(({ tags }) => tags === 0);
  if (empty === undefined) return plan;
  const reference = `${plan.host}/${empty.repository}`;
  throw new ArchweaveError({
    code: 'no-repository',
    attempt: `plan ${reference}`,
    reason: 'there is no such repository, or it has no tags',
    side: 'repository',
    reference,
    next: `is its name right? archweave plan ${plan.host} --all shows which there are`,
  });
}

/** Where nothing at all could be read for one reason, that is the answer. */
function onlyFailure(plans: readonly RegistryPlan[]): readonly RegistryPlan[] {
  const [plan] = plans;
  if (plans.length !== 1 || plan === undefined) return plans;
  const [failure] = plan.failures;
  if (failure !== undefined && plan.repositories.length === 0 && plan.failures.length === 1)
    throw failure.error;
  return plans;
}

/** Errors of a plan as --json tells them. */
export async function failureDocuments(plans: readonly RegistryPlan[]) {
  const { errorDocument } = await import('./print-error.ts');
  return plans.flatMap(({ host, failures }) =>
    failures.map(({ repository, error }) => ({
      registry: host,
      repository: repository ?? null,
      ...errorDocument(error),
    })),
  );
}

/** Says each failure on stderr, as any other error is said. */
export async function sayFailures(plans: readonly RegistryPlan[], { terminal }: Invocation): Promise<void> {
  const { renderError } = await import('./print-error.ts');
  for (const { failures } of plans) {
    for (const { error } of failures) {
      const text = renderError(error).trimEnd();
      terminal.say(text.replace(/^error:/, label => terminal.paintNote(label, 'red')));
    }
  }
}
