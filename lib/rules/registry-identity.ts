import { isLoopback } from '../image/reference.ts';

const ECR = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./;
const HUB = /^(?:(?:index|registry-1)\.)?docker\.io$/;
/** The registry of whoever asks, which may be any ECR registry. */
const CALLERS_OWN = 'ecr';

/** Whose registry a host is, where that makes a difference to what an import costs or may do. */
export type RegistryKind = 'ecr' | 'acr' | 'docker-hub' | 'this-machine' | 'other';

export function registryKind(host: string): RegistryKind {
  if (host === CALLERS_OWN || ECR.test(host)) return 'ecr';
  if (/\.azurecr\.(?:io|cn|us)$/.test(host)) return 'acr';
  if (HUB.test(host)) return 'docker-hub';
  return isLoopback(host) ? 'this-machine' : 'other';
}

/** The Region of an ECR host; undefined for another host, and for `ecr`, which says none. */
export function ecrRegion(host: string): string | undefined {
  return ECR.exec(host)?.[2];
}

/**
 * Whether two hosts may be one registry: in another spelling, or because one of them is `ecr`, which is known only
 * where archweave is deployed.
 */
export function maybeSameRegistry(a: string, b: string): boolean {
  if (a === b) return true;
  if (a === CALLERS_OWN || b === CALLERS_OWN) return registryKind(a) === 'ecr' && registryKind(b) === 'ecr';
  return identity(a) === identity(b);
}

function identity(host: string): string {
  const ecr = ECR.exec(host);
  if (ecr) return `ecr ${ecr[1]} ${ecr[2]}`;
  if (HUB.test(host)) return 'docker.io';
  if (isLoopback(host)) return `loopback ${/:\d+$/.exec(host)?.[0] ?? ''}`;
  return host.replace(/:443$/, '');
}
