import { acrHosts, acrRegistryOf } from './registries-acr.ts';
import { ecrHosts, ecrRegistryOf } from './registries-ecr.ts';

/**
 * Stands in for registries.ts in the bundles of a deployment that has registries in Azure: the code for them is larger
 * than all the rest, and a deployment without them does not carry it.
 */
export const registryOf = (host: string) => acrRegistryOf(host) ?? ecrRegistryOf(host);

export const registryHosts: readonly string[] = [...ecrHosts, ...acrHosts];
