import type { AcrSettings } from './acr-settings.ts';

type AcrRegistry = Pick<AcrSettings, 'tenant' | 'resource'> & { readonly host: string };

/**
 * The registries that one of ACR may fetch images from by itself: their resources by their hosts. They are of its
 * cloud, and of its tenant as far as both say theirs.
 */
export function acrImportSources(
  target: AcrRegistry,
  registries: readonly AcrRegistry[],
): ReadonlyMap<string, string> {
  if (target.resource === undefined) return new Map();
  const cloud = cloudOf(target.host);
  return new Map(
    registries.flatMap(({ host, tenant, resource }) => {
      const isOther = host !== target.host && cloudOf(host) === cloud;
      const sameTenant = tenant === undefined || target.tenant === undefined || tenant === target.tenant;
      return resource !== undefined && isOther && sameTenant ? [[host, resource] as const] : [];
    }),
  );
}

function cloudOf(host: string): string {
  return host.slice(host.lastIndexOf('.'));
}
