import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { disallowed } from './acr-fake-metadata.ts';
import type { Access } from './acr-fake-tokens.ts';
import { type AcrUpstream, bodyOf } from './acr-fake-upstream.ts';
import { type AcrFault, type AcrWorld, refusal } from './acr-fake-world.ts';

interface Stage {
  readonly world: AcrWorld;
  readonly upstream: AcrUpstream;
  readonly access: readonly Access[];
  readonly now: () => number;
}

/** Manifests with what ACR does beyond the distribution API; what it answers, where that is not upstream's answer. */
export async function answerManifest(
  stage: Stage,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<AcrFault | undefined> {
  const [, name = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/?]+)/.exec(request.url!) ?? [];
  if (request.method === 'PUT') return put(stage, request, response, name, reference);
  if (request.method === 'DELETE') {
    await stage.upstream.pass(request, response, stage.access);
    return undefined;
  }
  return read(stage, request, response, reference);
}

async function put(
  { world, upstream, access, now }: Stage,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  reference: string,
): Promise<AcrFault | undefined> {
  const body = await bodyOf(request);
  const digest = sha256(body);
  if (world.locked.has(name) || world.locked.has(`${name}:${reference}`)) return disallowed();
  if (world.softDeleted.has(digest))
    return refusal(409, 'CONFLICT', `manifest ${digest} is soft deleted; restore it first`);
  const status = await upstream.pass(request, response, access, { body });
  if (status !== 201) return undefined;
  const byTag = !reference.includes(':');
  if (byTag) world.touch(`${name}:${reference}`, now());
  const mediaType = String(request.headers['content-type']);
  world.pushes.push({
    repository: name,
    ...(byTag && { tag: reference }),
    digest,
    mediaType,
    size: body.length,
  });
  return undefined;
}

async function read(
  { world, upstream, access }: Stage,
  request: IncomingMessage,
  response: ServerResponse,
  reference: string,
): Promise<AcrFault | undefined> {
  let refused: AcrFault | undefined;
  const amend = async (answer: IncomingMessage) => {
    const digest = String(answer.headers['docker-content-digest']);
    const body = await bodyOf(answer);
    if (world.quarantined.has(digest)) {
      refused = reference.includes(':') ? disallowed() : refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
      return;
    }
    const said = world.digestHeader(digest);
    const { 'docker-content-digest': _, 'content-length': length, ...headers } = answer.headers;
    const sent = request.method === 'HEAD' ? body : world.manifestBody(body);
    response.writeHead(200, {
      ...headers,
      'content-length': request.method === 'HEAD' ? length : sent.length,
      ...(said !== undefined && { 'docker-content-digest': said }),
    });
    response.end(sent);
  };
  await upstream.pass(request, response, access, { amend });
  return refused;
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
