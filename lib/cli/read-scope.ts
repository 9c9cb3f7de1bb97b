import { ArchweaveError } from '../errors.ts';
import { formatReference, isLoopback, parseReference, type Reference } from '../image/reference.ts';
import type { Registry } from '../registry/interfaces.ts';
import { builtInRule } from '../rules/built-in.ts';
import { targetsConcerned } from '../rules/concern.ts';
import { rulesFor } from '../rules/group.ts';
import type { Config } from '../rules/load.ts';
import type { Rule } from '../rules/rule.ts';
import type { Invocation } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { openRegistry } from './open-registry.ts';
import { mistake } from './parse-arguments.ts';
import { readConfig } from './read-config.ts';
import { servedHere } from './served-here.ts';

/** A registry with the rules that are in force there. */
export interface ScopeRegistry {
  readonly host: string;
  readonly registry: Registry;
  readonly rules: readonly Rule[];
}

export interface ScopeTarget extends ScopeRegistry {
  readonly repository: string;
  readonly rule: Rule;
  readonly tag: string;
}

/** What SCOPE means: whole registries, one repository, or the targets that one tag is about. */
export type Scope =
  | {
      readonly kind: 'registries';
      readonly registries: readonly (ScopeRegistry & { readonly repositories?: readonly string[] })[];
    }
  | {
      readonly kind: 'targets';
      readonly targets: readonly ScopeTarget[];
      /** A person named them, so that what somebody else put there is taken over; an event names nothing. */
      readonly named: boolean;
    };

/**
 * Reads SCOPE. Without one it is what archweave.yaml has rules for, or else the registry that `serve` keeps here.
 * Throws `bad-argument` for a tag that no rule makes, and `no-config` where nothing says what is meant.
 */
export async function readScope(text: string | undefined, invocation: Invocation): Promise<Scope> {
  const config = (await readConfig(invocation))?.config;
  if (text === undefined) {
    if (config !== undefined) return { kind: 'registries', registries: ruledRegistries(config, invocation) };
    const host = await servedHere(invocation.cwd);
    if (host === undefined) throw noConfig(invocation);
    return { kind: 'registries', registries: [registryAt({ host }, config, invocation)] };
  }
  const host = text.includes('/') ? undefined : hostNamed(text, config);
  if (host !== undefined)
    return { kind: 'registries', registries: [registryAt({ host }, config, invocation)] };
  const names = Object.fromEntries((config?.registries ?? []).map(({ name, host: of }) => [name, of]));
  refuseMisspelt(text, Object.keys(names));
  const reference = parseReference(text, { registries: names });
  if (reference.digest !== undefined) throw mistake('a SCOPE is a tag or a repository, not a digest.');
  const at = registryAt(reference, config, invocation);
  const { repository, tag } = reference;
  if (tag === undefined) return { kind: 'registries', registries: [{ ...at, repositories: [repository] }] };
  const targets = targetsAt(at, repository, tag);
  if (targets.length === 0) {
    const name = formatReference(reference);
    throw mistake(
      `no rule makes ${repository}:${tag}, and it is no member of an index.`,
      `archweave explain ${name}`,
    );
  }
  return { kind: 'targets', targets, named: true };
}

/** The targets that a tag of a repository is about: its indexes where it is a member, else itself. */
export function targetsAt(at: ScopeRegistry, repository: string, tag: string): readonly ScopeTarget[] {
  return rulesFor(at.rules, at.host, repository).flatMap(rule =>
    targetsConcerned(rule, tag).map(target => ({ ...at, repository, rule, tag: target })),
  );
}

/** The registry of a reference with the rules of archweave.yaml where that knows it, else the built-in one. */
export function registryAt(
  reference: Pick<Reference, 'host' | 'scheme'>,
  config: Config | undefined,
  invocation: Invocation,
): ScopeRegistry {
  const { host } = reference;
  const known = config?.registries.some(registry => registry.host === host) === true;
  const rules = known ? config.rules : [builtInRule(host)];
  return { host, rules, registry: openRegistry(reference, invocation, config?.registries ?? []) };
}

/** A word without a slash is a registry where archweave.yaml knows it, or where it can be nothing but a host. */
function hostNamed(text: string, config: Config | undefined): string | undefined {
  const known = config?.registries.find(({ name, host }) => name === text || host === text.toLowerCase());
  if (known !== undefined) return known.host;
  return isLoopback(text) || /^[^:]+\.[^:]+(:\d+)?$/.test(text) ? text.toLowerCase() : undefined;
}

/** A bare word could be an image of Docker Hub's too, of which nobody asks what would be written there. */
function refuseMisspelt(text: string, names: readonly string[]): void {
  const meant = /[/:@]/.test(text) ? '' : didYouMean(text, names);
  if (meant !== '') throw mistake(`"${text}" is no registry of archweave.yaml.${meant}`);
}

function noConfig({ cwd }: Invocation): ArchweaveError {
  return new ArchweaveError({
    code: 'no-config',
    attempt: '',
    reason: `there is no archweave.yaml in ${cwd} or above that says which registries are meant`,
    next: 'name one: HOST or HOST/REPO   (docs/first-index.md has the smallest file)',
  });
}

function ruledRegistries(config: Config, invocation: Invocation): readonly ScopeRegistry[] {
  const ruled = new Set(
    config.rules.flatMap(({ repositories }) => repositories.map(({ registry }) => registry)),
  );
  return config.registries
    .filter(({ host }) => ruled.has(host))
    .map(({ host }) => registryAt({ host }, config, invocation));
}
