import type { AcrUpstream } from './acr-fake-upstream.ts';
import type { AcrFault, AcrWorld, ArmJob } from './acr-fake-world.ts';

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly authorization: string | undefined;
}

const IMPORT =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/registries\/([^/]+)\/importImage$/;

/**
 * Azure Resource Manager, as far as it imports: 202 with a Location that is asked until it is done. All registries of
 * the fake keep their images in one place, so an import goes from one repository to another.
 */
export async function arm(world: AcrWorld, upstream: AcrUpstream, asked: Asked): Promise<AcrFault> {
  const { method, url, body, authorization = '' } = asked;
  const who = world.tokens.read(authorization.replace(/^Bearer /, ''), 'entra');
  if (who === undefined || !/^https:\/\/management\./.test(who.aud))
    return refuse(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
  if (url.searchParams.get('api-version') === null)
    return refuse(400, 'MissingApiVersionParameter', 'The api-version query parameter is required.');
  const [, subscription, registry] = IMPORT.exec(url.pathname) ?? [];
  if (method === 'POST' && subscription !== undefined && registry !== undefined) {
    if (subscription !== who.tid && subscription !== world.tenant)
      return refuse(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
    const job: ArmJob = { registry, body: JSON.parse(body), state: 'running' };
    world.jobs.push(job);
    if (world.importing === 'at once') await landImport(upstream, job);
    return running(url, world.jobs.length - 1);
  }
  const at = /\/operationResults\/([0-9]+)$/.exec(url.pathname)?.[1];
  const job = world.jobs[Number(at ?? -1)];
  if (method !== 'GET' || job === undefined) return refuse(404, 'NotFound', `no ${url.pathname} in the fake`);
  switch (world.importing) {
    case 'hang':
      return running(url, Number(at));
    case 'nothing comes':
      return { status: 200 };
    case 'fail':
      job.state = 'failed';
      return refuse(400, 'ImportFailed', 'Unexpected length of body\nwhile copying');
    case 'after a look':
      await landImport(upstream, job);
      world.importing = 'at once';
      return running(url, Number(at));
    default:
      return job.state === 'done' ? { status: 200 } : running(url, Number(at));
  }
}

/** An import ends, however late: what it was asked for is there under its digest, and under tags if it was given any. */
export async function landImport(upstream: AcrUpstream, job: ArmJob): Promise<void> {
  if (job.state === 'done') return;
  const [from = '', digest = ''] = (job.body.source?.sourceImage ?? '').split('@');
  for (const to of job.body.untaggedTargetRepositories ?? []) await bring(upstream, from, to, digest);
  for (const name of job.body.targetTags ?? []) {
    const [to = '', tag] = name.split(':');
    await bring(upstream, from, to, digest, tag);
  }
  job.state = 'done';
}

async function bring(upstream: AcrUpstream, from: string, to: string, digest: string, tag = digest) {
  const access = [
    { type: 'repository', name: from, actions: ['pull'] },
    { type: 'repository', name: to, actions: ['pull', 'push'] },
  ];
  const { status, headers, body } = await upstream.ask('GET', `/v2/${from}/manifests/${digest}`, access);
  if (status !== 200) throw new Error(`the fake has no ${from}@${digest}`);
  const { manifests = [], config, layers = [] } = JSON.parse(body.toString());
  for (const entry of manifests) await bring(upstream, from, to, entry.digest);
  for (const blob of config === undefined ? [] : [config, ...layers]) {
    await upstream.ask('POST', `/v2/${to}/blobs/uploads/?mount=${blob.digest}&from=${from}`, access);
  }
  const type = String(headers['content-type']);
  const written = await upstream.ask('PUT', `/v2/${to}/manifests/${tag}`, access, { body, type });
  if (written.status !== 201) throw new Error(`the fake cannot write ${to}@${digest}: ${written.body}`);
}

function running({ origin, pathname, search }: URL, at: number): AcrFault {
  const base = pathname.replace(/\/(importImage|operationResults\/[0-9]+)$/, '');
  const location = `${origin}${base}/operationResults/${at}${search}`;
  return { status: 202, headers: { location, 'retry-after': '1' } };
}

/** Azure Resource Manager's way to say no. */
export function refuse(status: number, code: string, message: string): AcrFault {
  return { status, body: { error: { code, message } } };
}
