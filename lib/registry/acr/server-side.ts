import type { ServerSideImporter } from '../interfaces.ts';
import type { RequestLine } from '../oci/exchange.ts';
import { acrHost } from './acr-host.ts';
import type { AzureIdentity } from './azure-identity.ts';

export interface AcrServerSideOptions {
  readonly host: string;
  /** `/subscriptions/…/registries/NAME`, of the registry itself. */
  readonly resource: string;
  /** The same of the registries that it may fetch from, by their hosts. */
  readonly sources: ReadonlyMap<string, string>;
  readonly identity: () => Promise<AzureIdentity>;
  /** Where Azure Resource Manager is; left out: where the host's cloud has it. */
  readonly endpoint?: string;
  readonly onRequest?: (line: RequestLine) => void;
}

/** ACR takes 50; whether the index counts among them is not said. */
const MOST_MANIFESTS = 45;
const PUBLIC = 'https://management.azure.com';

/**
 * What a registry of ACR fetches by itself from others of its tenant, asked for at Azure Resource Manager. Its SDK is
 * loaded with the first import.
 */
export function acrServerSide({ sources, ...options }: AcrServerSideOptions): ServerSideImporter {
  const audience = acrHost(options.host)?.resourceManager ?? PUBLIC;
  const endpoint = options.endpoint ?? audience;
  return {
    mostManifests: MOST_MANIFESTS,
    importsFrom: host => sources.has(host),
    async importImage(repository, image, asked) {
      const { armImport } = await import('./arm-import.ts');
      return armImport(
        { ...options, endpoint, audience, repository, image, from: sources.get(image.host)! },
        asked,
      );
    },
  };
}
