import { ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import { openEcrRegistry } from '../lib/registry/ecr/open.ts';
import { hosts } from './environment.ts';
import { PATIENCE } from './patience.ts';

const registries = new Map(
  hosts.map(host => [host, openEcrRegistry({ ...ecrHost(host), host, ...PATIENCE })] as const),
);

export const ecrHosts: readonly string[] = hosts;

export const ecrRegistryOf = (host: string) => registries.get(host);
