import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import type { Digest } from '../../image/digest.ts';
import { VERSION } from '../../version.ts';
import type { ServerSideImport, ServerSideOptions } from '../interfaces.ts';
import type { RequestLine } from '../oci/exchange.ts';
import { jwtClaims } from '../oci/jwt-claims.ts';
import { armError } from './arm-error.ts';
import type { AzureIdentity } from './azure-identity.ts';

export interface ArmImport {
  readonly host: string;
  readonly resource: string;
  readonly repository: string;
  /** The source's resource, and the image there. */
  readonly from: string;
  readonly image: { readonly host: string; readonly repository: string; readonly digest: Digest };
  readonly identity: () => Promise<AzureIdentity>;
  readonly endpoint: string;
  /** What a token for it must be for. */
  readonly audience: string;
  readonly onRequest?: (line: RequestLine) => void;
}

type ClientOptions = NonNullable<ConstructorParameters<typeof ContainerRegistryManagementClient>[2]>;
type Policy = NonNullable<ClientOptions['additionalPolicies']>[number]['policy'];

/** Milliseconds that a token is believed which does not say when it ends. */
const AT_LEAST = 5 * 60_000;

/**
 * Asks Azure Resource Manager for one import and waits for its end. Neither a tag nor leave to overwrite one is ever
 * given: jobs have been seen to hang, and to land hours later.
 */
export async function armImport(
  job: ArmImport,
  { signal, deadline, onState }: ServerSideOptions,
): Promise<ServerSideImport> {
  const { host, resource, repository, from, image, endpoint, audience, onRequest } = job;
  const attempt = `have ${host} fetch ${image.host}/${image.repository}@${image.digest}`;
  const [, , subscription = '', , group = '', , , , registry = ''] = resource.split('/');
  const time = AbortSignal.timeout(deadline);
  const abortSignal = signal === undefined ? time : AbortSignal.any([time, signal]);
  let begun = false;
  let name = '';
  try {
    const who = await job.identity();
    name = who.name;
    const client = new ContainerRegistryManagementClient(
      { getToken: () => tokenOf(who, attempt, audience, abortSignal) },
      subscription,
      {
        endpoint,
        credentials: { scopes: [`${audience}/.default`] },
        userAgentOptions: { userAgentPrefix: `archweave/${VERSION}` },
        ...(onRequest && { additionalPolicies: [{ policy: heard(onRequest), position: 'perRetry' }] }),
      },
    );
    const poller = client.registries.importImage(
      group,
      registry,
      {
        source: { resourceId: from, sourceImage: `${image.repository}@${image.digest}` },
        untaggedTargetRepositories: [repository],
        mode: 'NoForce',
      },
      { abortSignal },
    );
    await poller.submitted();
    begun = true;
    poller.onProgress(({ status }) => onState?.(status));
    await poller.pollUntilDone({ abortSignal });
    return { kind: 'imported' };
  } catch (failure) {
    if (signal?.aborted) throw new ArchweaveError({ code: 'interrupted', attempt, cause: signal.reason });
    if (time.aborted) return { kind: 'deadline' };
    const error = isArchweaveError(failure)
      ? failure.with({ attempt })
      : armError(failure, { attempt, host, source: image.host, resource, endpoint, tried: name });
    return { kind: 'refused', error, begun };
  }
}

async function tokenOf(
  { name, next, token }: AzureIdentity,
  attempt: string,
  audience: string,
  signal: AbortSignal,
) {
  const text = await token({ attempt, signal, audience });
  if (text === undefined) {
    const reason = 'nobody is logged in to Azure';
    throw new ArchweaveError({ code: 'unauthorized', attempt, reason, tried: name, next });
  }
  const { exp } = jwtClaims(text);
  return { token: text, expiresOnTimestamp: typeof exp === 'number' ? exp * 1000 : Date.now() + AT_LEAST };
}

/** Tells of each request once it was answered. */
function heard(onRequest: (line: RequestLine) => void): Policy {
  return {
    name: 'archweaveRequests',
    async sendRequest(request, next) {
      const { origin, pathname } = new URL(request.url);
      const began = performance.now();
      const report = (status: number) =>
        onRequest({ method: request.method, status, ms: performance.now() - began, url: origin + pathname });
      try {
        const response = await next(request);
        report(response.status);
        return response;
      } catch (failure) {
        report(0);
        throw failure;
      }
    },
  };
}
