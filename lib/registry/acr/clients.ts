import {
  ContainerRegistryClient,
  type ContainerRegistryClientOptions,
  ContainerRegistryContentClient,
} from '@azure/container-registry';
import { VERSION } from '../../version.ts';
import { type Authorizing, authorized } from './authorized.ts';

/** The SDK's clients of one registry, over the same connections and tokens. */
export interface AcrClients {
  /** Manifests of one repository. */
  content(repository: string): ContainerRegistryContentClient;
  /** Lists and properties of all of them. */
  readonly metadata: ContainerRegistryClient;
}

/**
 * Clients that stay: a program makes them once for each registry. They send once, since whoever calls knows what may be
 * sent again; and they log in with our tokens (authorized.ts), one a repository for them and for what goes by the
 * distribution API, where the SDK would exchange tokens anew for each repository.
 */
export function acrClients(host: string, authorizing: Authorizing): AcrClients {
  const endpoint = `https://${host}`;
  const options: ContainerRegistryClientOptions = {
    additionalPolicies: [{ policy: authorized(authorizing), position: 'perRetry' }],
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: `archweave/${VERSION}` },
  };
  const contents = new Map<string, ContainerRegistryContentClient>();
  return {
    metadata: new ContainerRegistryClient(endpoint, NOBODY, options),
    content(repository) {
      const known = contents.get(repository);
      if (known !== undefined) return known;
      const made = new ContainerRegistryContentClient(endpoint, repository, NOBODY, options);
      contents.set(repository, made);
      return made;
    },
  };
}

/** The SDK never gets to ask: no answer that would make it log in comes through to it. */
const NOBODY = { getToken: async () => null };
