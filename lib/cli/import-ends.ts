import type { Reference } from '../image/reference.ts';
import type { Registry, ServerSideImporting } from '../registry/interfaces.ts';
import type { Invocation } from './command.ts';
import { openRegistry } from './open-registry.ts';
import type { RegistrySettings } from './registry-settings.ts';

export interface ImportEnds {
  source(at: Pick<Reference, 'host' | 'scheme'>): Registry;
  target(at: Pick<Reference, 'host' | 'scheme'>): Registry & Partial<ServerSideImporting>;
  /** Goes on counting. */
  readonly requests: { readonly source: number; readonly target: number };
}

/** The registries of an import, each opened once, with what was asked of each side counted. */
export function openEnds(invocation: Invocation, settings: RegistrySettings): ImportEnds {
  const requests = { source: 0, target: 0 };
  const opened = new Map<string, Registry & Partial<ServerSideImporting>>();
  const open = (side: 'source' | 'target') => (at: Pick<Reference, 'host' | 'scheme'>) => {
    const name = `${side} ${at.scheme ?? ''} ${at.host}`;
    const known = opened.get(name);
    if (known !== undefined) return known;
    const registry = openRegistry(at, invocation, settings, () => {
      requests[side] += 1;
    });
    opened.set(name, registry);
    return registry;
  };
  return { source: open('source'), target: open('target'), requests };
}
