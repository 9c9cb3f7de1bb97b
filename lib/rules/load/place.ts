import { nearest } from '../nearest.ts';
import { quoted, type Refusal } from './finding.ts';
import type { RegistryConfig } from './registries.ts';

export interface KnownRegistries {
  readonly registries: readonly RegistryConfig[];
  /** Of every registry in the file, wrong ones too. */
  readonly names: ReadonlySet<string>;
  /** The file that has the registries, as messages name it. */
  readonly configFile: string;
}

/**
 * The host that a registry's name in a rule or an import means. Undefined where the file has that registry and it is
 * wrong: that was reported already.
 */
export function hostNamed(
  registry: string,
  { registries, names, configFile }: KnownRegistries,
): { readonly host: string } | { readonly refusal: Refusal } | undefined {
  const known = registries.find(one => one.name === registry);
  if (known) return { host: known.host };
  if (/[.:]/.test(registry) || registry === 'localhost') return { host: registry.toLowerCase() };
  if (names.has(registry)) return undefined;
  const there = names.size === 0 ? 'names none' : `has ${[...names].join(', ')}`;
  const guess = nearest(registry, [...names]);
  return {
    refusal: {
      code: 'unknown-registry',
      message: `there is no registry ${quoted(registry)}; ${configFile} ${there}`,
      next: `${guess ? `${guess}, or ` : ''}a host such as ${registry || 'registry'}.example.com`,
    },
  };
}
