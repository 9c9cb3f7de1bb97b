import { readFileSync } from 'node:fs';
import { ArchweaveError } from '../errors.ts';
import type { Reference } from '../image/reference.ts';
import { acrHost } from '../registry/acr/acr-host.ts';
import { openAcrRegistry } from '../registry/acr/open.ts';
import { acrServerSide } from '../registry/acr/server-side.ts';
import { ecrHost } from '../registry/ecr/ecr-host.ts';
import { openEcrRegistry } from '../registry/ecr/open.ts';
import { httpFetch } from '../registry/http-fetch.ts';
import type { Registry, ServerSideImporting } from '../registry/interfaces.ts';
import type { RequestLine } from '../registry/oci/exchange.ts';
import { openOciRegistry } from '../registry/oci/open.ts';
import { trustCertificates } from '../registry/trust-certificates.ts';
import { acrImportSources } from '../rules/acr-import-sources.ts';
import type { Invocation } from './command.ts';
import { pointedLogin } from './pointed-login.ts';
import type { RegistrySettings } from './registry-settings.ts';

/** The host that stands for ECR in the account and Region of whoever asks. */
export const CALLERS_OWN = 'ecr';

/**
 * The registry that a reference names, as this command line talks to it: with the login, the certificates and the
 * time limit that were configured or given. Nothing is contacted before the first call; `onRequest` hears of each request.
 */
export function openRegistry(
  { host, scheme }: Pick<Reference, 'host' | 'scheme'>,
  invocation: Invocation,
  settings: RegistrySettings,
  onRequest: () => void = () => {},
): Registry & Partial<ServerSideImporting> {
  const { common, env, terminal } = invocation;
  const configured = settings.find(({ host: known }) => known === host);
  const listening = {
    timeout: common.timeout,
    fetch: httpFetch,
    onRequest({ method, status, ms, url }: RequestLine) {
      onRequest();
      if (!common.verbose) return;
      terminal.say(`${method} ${status} ${Math.round(ms)} ms ${url.replace(/^https?:\/\//, '')}`);
    },
  };
  const certificates = common.ca === undefined ? undefined : readCertificates(common.ca);
  const ecr = host === CALLERS_OWN ? {} : ecrHost(host);
  // Whoever gives a login of docker's kind means the docker protocol, which ECR and ACR speak too.
  if (ecr !== undefined && configured?.credentials === undefined) {
    if (certificates !== undefined) trustCertificates(certificates);
    return openEcrRegistry({ ...ecr, host, ...listening });
  }
  if (acrHost(host) !== undefined && configured?.credentials === undefined) {
    if (certificates !== undefined) trustCertificates(certificates);
    const { tenant, clientId } = configured ?? {};
    const who = { host, ...(tenant && { tenant }), ...(clientId && { clientId }) };
    const identity = async () => (await import('../registry/acr/open-identity.ts')).openIdentity(who, env);
    const resource = configured?.resource;
    const sources = configured === undefined ? new Map() : acrImportSources(configured, settings);
    const importing = { host, identity, sources, onRequest: listening.onRequest };
    return openAcrRegistry({
      host,
      identity,
      env,
      ...listening,
      ...(resource !== undefined &&
        sources.size > 0 && { serverSide: acrServerSide({ ...importing, resource }) }),
    });
  }
  const plainHttp =
    scheme === undefined ? common.plainHttp || configured?.plainHttp || undefined : scheme === 'http';
  return openOciRegistry({
    host,
    env,
    ...listening,
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(configured?.credentials === undefined ? {} : { credentials: pointedLogin(configured.credentials) }),
    ...(certificates === undefined ? {} : { ca: certificates }),
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
