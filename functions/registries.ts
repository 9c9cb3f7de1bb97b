import { ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import { openEcrRegistry } from '../lib/registry/ecr/open.ts';
import { hosts } from './environment.ts';

/** Milliseconds for one request, and how often a read is sent; after that the queue waits, not the function. */
const PATIENCE = { timeout: 8_000, attempts: 2 };

const registries = new Map(
  hosts.map(host => [host, openEcrRegistry({ ...ecrHost(host), host, ...PATIENCE })] as const),
);

/** A registry that stays open as long as this process: its connections are used again. */
export const registryOf = (host: string) => registries.get(host);
