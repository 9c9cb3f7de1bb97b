import type { ContainerRegistryClientOptions } from '@azure/container-registry';
import { answerError } from '../oci/answer-error.ts';
import type { Authorizer } from '../oci/authorizer.ts';
import type { RequestLine } from '../oci/exchange.ts';
import { networkError } from '../oci/network-error.ts';
import { parseScope } from '../oci/scope.ts';
import type { Right } from './acr-error.ts';
import { bareError } from './bare-error.ts';
import { scopeOf } from './scope-of.ts';

type PipelinePolicy = NonNullable<ContainerRegistryClientOptions['additionalPolicies']>[number]['policy'];
type PipelineRequest = Parameters<PipelinePolicy['sendRequest']>[0];
type PipelineResponse = Awaited<ReturnType<PipelinePolicy['sendRequest']>>;

export interface Authorizing {
  readonly host: string;
  readonly authorizer: Authorizer;
  readonly now: () => number;
  readonly onRequest?: (line: RequestLine) => void;
}

/**
 * The SDK's requests with our tokens, and its answers as ours: a 401 renews the token once, and what is refused after
 * all is thrown as an `ArchweaveError` before the SDK makes less of it. Callers put their own attempt into it.
 */
export function authorized({ host, authorizer, now, onRequest }: Authorizing): PipelinePolicy {
  const attempt = `ask ${host}`;

  async function sendOnce(
    request: PipelineRequest,
    authorization: string | undefined,
    next: (request: PipelineRequest) => Promise<PipelineResponse>,
  ): Promise<PipelineResponse> {
    if (authorization === undefined) request.headers.delete('authorization');
    else request.headers.set('authorization', authorization);
    const url = new URL(request.url);
    const began = performance.now();
    const report = (status: number) =>
      onRequest?.({
        method: request.method,
        status,
        ms: performance.now() - began,
        url: url.origin + url.pathname,
      });
    try {
      const response = await next(request);
      report(response.status);
      return response;
    } catch (failure) {
      report(0);
      throw networkError(bareError(failure), { attempt, method: request.method, url }, signalOf(request));
    }
  }

  return {
    name: 'archweaveAuthorization',
    async sendRequest(request, next) {
      const url = new URL(request.url);
      // Where a redirect has led to another host, the token stays behind.
      if (url.host !== host) return sendOnce(request, undefined, next);
      const wanted = parseScope(scopeOfRequest(request.method, url.pathname));
      const signal = signalOf(request);
      const occasion = { attempt, registry: url, ...(signal !== undefined && { signal }) };
      const authorization = await authorizer.authorization(wanted, occasion);
      let response = await sendOnce(request, authorization, next);
      if (response.status === 401) {
        const header = response.headers.get('www-authenticate') ?? null;
        const renewed = await authorizer.renewed(header, wanted, authorization, occasion);
        if (renewed !== undefined) response = await sendOnce(request, renewed, next);
      }
      if (response.status < 400) return response;
      const { tried } = authorizer;
      const headers = new Headers(response.headers.toJSON());
      throw answerError({
        attempt,
        method: request.method,
        url,
        status: response.status,
        headers,
        bytes: Buffer.from(response.bodyAsText ?? ''),
        now: now(),
        host,
        ...(tried !== undefined && { tried }),
        scrub: text => authorizer.scrub(text),
      });
    },
  };
}

function signalOf({ abortSignal }: PipelineRequest): AbortSignal | undefined {
  return abortSignal as AbortSignal | undefined;
}

/** As the SDK writes it: `/v2/team%2Fapp/manifests/1.0`, `/acr/v1/team%2Fapp/_tags`, `/acr/v1/_catalog`. */
function scopeOfRequest(method: string, path: string): string {
  const [, pushed] = /^\/v2\/(.+)\/manifests\//.exec(path) ?? [];
  const [, listed = '_catalog'] = /^\/acr\/v1\/(.+?)(?:\/_(?:tags|manifests).*)?$/.exec(path) ?? [];
  const repository = decodeURIComponent(pushed ?? listed);
  if (repository === '_catalog') return scopeOf('list', undefined);
  return scopeOf(RIGHTS[method] ?? 'write', repository);
}

const RIGHTS: Readonly<Record<string, Right>> = { GET: 'read', HEAD: 'read', DELETE: 'delete' };
