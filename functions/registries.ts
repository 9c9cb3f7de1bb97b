import { ecrHosts, ecrRegistryOf } from './registries-ecr.ts';

/** A registry that stays open as long as this process: its connections are used again. */
export const registryOf = ecrRegistryOf;

/** Those that are swept. */
export const registryHosts = ecrHosts;
