import { acrRegistries } from './environment.ts';
import { openAcr } from './open-acr.ts';
import { PATIENCE } from './patience.ts';

const registries = new Map(
  acrRegistries.map(registry => [registry.host, openAcr(registry, PATIENCE)] as const),
);

/** A registry that stays open as long as this process: its tokens are used again. */
export const acrRegistryOf = (host: string) => registries.get(host);

export const acrHosts: readonly string[] = [...registries.keys()];
