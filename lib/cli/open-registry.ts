import { readFileSync } from 'node:fs';
import { ArchweaveError } from '../errors.ts';
import type { Reference } from '../image/reference.ts';
import { httpFetch } from '../registry/http-fetch.ts';
import type { Registry } from '../registry/interfaces.ts';
import { openOciRegistry } from '../registry/oci/open.ts';
import type { Invocation } from './command.ts';
import type { RegistrySettings } from './registry-settings.ts';

/**
 * The registry that a reference names, as this command line talks to it: with the login, the certificates and the
 * time limit that were configured or given. Nothing is contacted before the first call; `onRequest` hears of each request.
 */
export function openRegistry(
  { host, scheme }: Pick<Reference, 'host' | 'scheme'>,
  { common, env, terminal }: Invocation,
  settings: RegistrySettings,
  onRequest: () => void = () => {},
): Registry {
  const configured = settings.find(({ host: known }) => known === host);
  const plainHttp =
    scheme === undefined ? common.plainHttp || configured?.plainHttp || undefined : scheme === 'http';
  return openOciRegistry({
    host,
    env,
    timeout: common.timeout,
    fetch: httpFetch,
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(configured?.credentials === undefined ? {} : { credentials: configured.credentials }),
    ...(common.ca === undefined ? {} : { ca: readCertificates(common.ca) }),
    onRequest: ({ method, status, ms, url }) => {
      onRequest();
      if (!common.verbose) return;
      terminal.say(`${method} ${status} ${Math.round(ms)} ms ${url.replace(/^https?:\/\//, '')}`);
    },
  });
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ArchweaveError({
      code: 'bad-argument',
      attempt: '',
      reason: `--ca ${path} cannot be read.`,
      cause,
    });
  }
}
