import { acrHost } from '../../registry/acr/acr-host.ts';
import { ecrHost } from '../../registry/ecr/ecr-host.ts';
import type { RegistryConfig } from '../../rules/load.ts';
import { CALLERS_OWN } from '../open-registry.ts';
import type { OnlineKind } from './online-check.ts';

/** The kinds of registries in the order in which they are asked whether a registry is theirs; the last takes any. */
const KINDS: readonly {
  readonly takes: (setting: RegistryConfig) => boolean;
  readonly load: () => Promise<OnlineKind>;
}[] = [
  {
    // With a login of docker's kind it is reached as any other registry.
    takes: ({ host, credentials }) =>
      credentials === undefined && (host === CALLERS_OWN || ecrHost(host) !== undefined),
    load: async () => (await import('./ecr.ts')).ecr,
  },
  {
    takes: ({ host, credentials }) => credentials === undefined && acrHost(host) !== undefined,
    load: async () => (await import('./acr.ts')).acr,
  },
  { takes: () => true, load: async () => (await import('./oci.ts')).oci },
];

export async function kindOf(setting: RegistryConfig): Promise<OnlineKind> {
  return await KINDS.find(({ takes }) => takes(setting))!.load();
}
