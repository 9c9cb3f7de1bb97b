import type { Push } from '../events/push.ts';
import { printable } from '../image/printable.ts';
import { formatReference } from '../image/reference.ts';
import { ecrHost } from '../registry/ecr/ecr-host.ts';
import { concerns } from '../rules/concern.ts';
import { memberOf, rulesFor } from '../rules/group.ts';
import type { Config } from '../rules/load.ts';
import type { Rule } from '../rules/rule.ts';
import type { Invocation } from './command.ts';
import { formatTime } from './format-time.ts';
import { CALLERS_OWN } from './open-registry.ts';
import { readConfig } from './read-config.ts';
import { readEvent } from './read-event.ts';
import { readScope, registryAt, type ScopeRegistry, type ScopeTarget, targetsAt } from './read-scope.ts';

/** What an event is about, by the rules: no registry was asked for it. */
export interface EventScope {
  /** One line for each push or delete in it, as it begins an answer. */
  readonly heads: readonly string[];
  readonly targets: readonly ScopeTarget[];
  readonly document: readonly Readonly<Record<string, unknown>>[];
  /** Digests that the event says were pushed to targets, by `REPO:TAG`: an own index, if the target holds one. */
  readonly pushedTargets: ReadonlyMap<string, string | undefined>;
}

/** Reads `--event FILE`; SCOPE, where it is given, names the registry that sent it. */
export async function readEventScope(
  file: string,
  scope: string | undefined,
  invocation: Invocation,
): Promise<EventScope> {
  const config = (await readConfig(invocation))?.config;
  const host = scope === undefined ? undefined : await hostOf(scope, invocation);
  const event = readEvent(file, invocation, { host, config });
  const heads: string[] = [];
  const targets = new Map<string, ScopeTarget>();
  const pushedTargets = new Map<string, string | undefined>();
  const document: Readonly<Record<string, unknown>>[] = [];
  for (const push of event.pushes) {
    // archweave.yaml may call the account's own registry `ecr`; the event tells its host.
    const known = knownAs(push.registry, config?.registries.map(registry => registry.host) ?? []);
    const at = eventRegistry(known, config, invocation);
    const touched = push.tag === undefined ? [] : targetsAt(at, push.repository, push.tag);
    for (const target of touched) {
      const name = formatReference({ host: known, repository: target.repository, tag: target.tag });
      targets.set(`${name} ${target.rule.name}`, target);
      if (isTarget(target.rule, push)) pushedTargets.set(`${target.repository}:${target.tag}`, push.digest);
    }
    const indexes = [...new Set(touched.map(({ repository, tag }) => `${repository}:${tag}`))];
    const why = indexes.length > 0 ? undefined : noRule(at.rules, { ...push, registry: known });
    heads.push(headOf(push, event.dialect, indexes, why));
    document.push({ ...push, dialect: event.dialect, touches: indexes, ...(why !== undefined && { why }) });
  }
  for (const { reason } of event.ignored) {
    heads.push(`the event (${event.dialect}) touches no index: ${reason}`);
    document.push({ dialect: event.dialect, touches: [], why: reason });
  }
  if (heads.length === 0) heads.push(`the event (${event.dialect}) touches no index: there is no push in it`);
  return { heads, targets: [...targets.values()], document, pushedTargets };
}

async function hostOf(scope: string, invocation: Invocation): Promise<string | undefined> {
  const read = await readScope(scope, invocation);
  return read.kind === 'registries' ? read.registries[0]?.host : read.targets[0]?.host;
}

/** With an archweave.yaml only its rules count: an event is about what the service would do. */
function eventRegistry(host: string, config: Config | undefined, invocation: Invocation): ScopeRegistry {
  const at = registryAt({ host }, config, invocation);
  return config === undefined ? at : { ...at, rules: config.rules };
}

function knownAs(host: string, configured: readonly string[]): string {
  const isOwn = !configured.includes(host) && configured.includes(CALLERS_OWN) && ecrHost(host) !== undefined;
  return isOwn ? CALLERS_OWN : host;
}

function isTarget(rule: Rule, { tag }: Push): boolean {
  return tag !== undefined && memberOf(rule, tag) === undefined;
}

/** `push app:1.4.0-arm64 (ecr, 2026-11-22T10:01:31Z) touches 1 index: app:1.4.0` */
function headOf(push: Push, dialect: string, indexes: readonly string[], why: string | undefined): string {
  const name = `${push.repository}${push.tag === undefined ? `@${push.digest}` : `:${push.tag}`}`;
  const subject = `${push.action} ${printable(name)} (${dialect}, ${formatTime(push.time)})`;
  if (why !== undefined) return `${subject} touches no index: ${why}`;
  const count = `${indexes.length} ${indexes.length === 1 ? 'index' : 'indexes'}`;
  return `${subject} touches ${count}: ${indexes.join(' ')}`;
}

function noRule(rules: readonly Rule[], { registry, repository, tag }: Push): string {
  if (tag === undefined) return 'it has no tag, so it is a part of something';
  const covering = rulesFor(rules, registry, repository);
  const excluded = covering.length > 0 && !covering.some(rule => concerns(rule, tag));
  const what = excluded ? `${repository}:${tag}` : `an index in ${registry}/${repository}`;
  return `no rule makes ${what}`;
}
