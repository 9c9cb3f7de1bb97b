import { isLoopback } from '../image/reference.ts';
import type { Registry } from '../registry/interfaces.ts';
import { isAcrHost } from '../rules/acr-host.ts';
import { POLL_EVERY } from '../rules/acr-settings.ts';
import { builtInRule } from '../rules/built-in.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { RegistrySetting, ServeOptions } from './serve.ts';

/** A registry that is watched: its host, its name for hooks, and how often it is looked through. */
export interface ServedRegistry {
  readonly host: string;
  readonly name: string;
  readonly registry: Registry;
  readonly embedded: boolean;
  /** Milliseconds between two sweeps. */
  readonly every: number;
  /** Milliseconds between two looks at the newest tags; left out where the registry announces its pushes. */
  readonly poll?: number;
  /** In place of the token for all hooks. */
  readonly token?: string | undefined;
  /** The event subscription that may introduce itself at the hook. */
  readonly subscription?: string | undefined;
}

const OFTEN = 10_000;
const SELDOM = 15 * 60_000;

/**
 * The embedded registry, where it is served, and those of archweave.yaml.
 *
 * One on this machine is looked through every ten seconds, since it may send no events; the embedded one seldom,
 * since its events cannot get lost while the process lives.
 */
export function servedRegistries({
  config,
  open,
  reconcileEvery,
  hookTokens,
  host,
  embedded,
}: Pick<ServeOptions, 'config' | 'open' | 'reconcileEvery' | 'hookTokens'> & {
  readonly host: string;
  readonly embedded: Registry | undefined;
}): readonly ServedRegistry[] {
  const remote = (config?.registries ?? [])
    .filter(setting => embedded === undefined || setting.host !== host)
    .map(setting => ({
      host: setting.host,
      name: setting.name,
      registry: open(setting),
      embedded: false,
      every: reconcileEvery ?? setting.reconcile ?? (isLoopback(setting.host) ? OFTEN : SELDOM),
      ...(isPolled(setting) && { poll: setting.poll ?? POLL_EVERY }),
      token: hookTokens?.get(setting.name),
      subscription: setting.subscription,
    }));
  if (embedded === undefined) return remote;
  const own = { host, name: host, registry: embedded, embedded: true, every: reconcileEvery ?? SELDOM };
  return [own, ...remote];
}

function isPolled({ host, events = 'poll' }: RegistrySetting): boolean {
  return isAcrHost(host) && events === 'poll';
}

/** The rules of archweave.yaml, and the built-in one for the embedded registry where no rule names it. */
export function servedRules(rules: readonly Rule[], embedded: string | undefined): readonly Rule[] {
  if (embedded === undefined) return rules;
  const isNamed = rules.some(({ repositories }) =>
    repositories.some(({ registry }) => registry === embedded),
  );
  return isNamed ? rules : [...rules, builtInRule(embedded)];
}

/** Whether anything comes of its events: an unnamed registry may be there for an import only. */
export function isHeard(
  { host, name }: ServedRegistry,
  rules: readonly Rule[],
  imports: readonly ImportRule[],
): boolean {
  const ruled = rules.some(({ repositories }) => repositories.some(({ registry }) => registry === host));
  return (
    name !== host || ruled || imports.some(({ from, when }) => from.registry === host && when.on === 'pushed')
  );
}
