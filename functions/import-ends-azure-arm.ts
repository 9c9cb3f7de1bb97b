import { acrServerSide } from '../lib/registry/acr/server-side.ts';
import { isAcrHost } from '../lib/rules/acr-host.ts';
import { acrImportSources } from '../lib/rules/acr-import-sources.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { config } from './environment.ts';
import { type OpenServerSide, openAcr } from './open-acr.ts';

/**
 * Stands in for import-ends-acr.ts where an import goes between registries of Azure that fetch by themselves: the SDK
 * that asks them to is carried by the function that copies, there alone.
 */
export const openAcrEnd = (registry: BundledRegistry, patience: Parameters<typeof openAcr>[1]) =>
  isAcrHost(registry.host) ? openAcr(registry, patience, serverSideOf(registry)) : undefined;

function serverSideOf(registry: BundledRegistry): OpenServerSide | undefined {
  const { host, resource } = registry;
  const sources = acrImportSources(registry, config.registries);
  if (resource === undefined || sources.size === 0) return undefined;
  return identity => acrServerSide({ host, resource, sources, identity });
}
