import { acrImportSources } from './acr-import-sources.ts';
import type { BundledRegistry } from './bundled-config.ts';
import type { ImportRule } from './import-rule.ts';

/** Whether the target's registry of some import may fetch images from its source by itself. */
export function fetchesItself(
  imports: readonly Pick<ImportRule, 'from' | 'to'>[],
  registries: readonly Pick<BundledRegistry, 'host' | 'tenant' | 'resource'>[],
): boolean {
  return imports.some(({ from, to }) => {
    const target = registries.find(({ host }) => host === to.registry);
    return target !== undefined && acrImportSources(target, registries).has(from.registry);
  });
}
