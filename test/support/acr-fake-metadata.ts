import type { AcrUpstream } from './acr-fake-upstream.ts';
import { type AcrFault, type AcrWorld, refusal } from './acr-fake-world.ts';

/** The scope that a request to the lists and properties wants, as ACR names it in its challenge. */
export function metadataScope(method: string, path: string): string {
  if (path === '/acr/v1/_catalog') return 'registry:catalog:*';
  const { name } = partsOf(path);
  const action = method === 'GET' ? 'metadata_read' : method === 'DELETE' ? 'delete' : 'metadata_write';
  return `repository:${name}:${action}`;
}

/** ACR's own API beside the distribution API: lists by time, properties, and tags that go without their image. */
export async function metadata(
  world: AcrWorld,
  upstream: AcrUpstream,
  method: string,
  url: URL,
): Promise<AcrFault> {
  if (url.pathname === '/acr/v1/_catalog') return catalog(world, upstream, url);
  const { name, kind, reference } = partsOf(url.pathname);
  const access = [{ type: 'repository', name, actions: ['pull', 'push', 'delete'] }];
  const tags = await tagsOf(world, upstream, name, access);
  if (tags === undefined) return refusal(404, 'NAME_UNKNOWN', `repository "${name}" is not found`);
  const base = { registry: 'contoso.azurecr.io', imageName: name };
  if (kind === undefined) return { status: 200, body: { ...base, ...properties(world, name, tags.length) } };
  if (kind !== 'tags') return refusal(404, 'UNSUPPORTED', `no ${kind} in the fake`);
  if (reference === undefined) return page(world, url, base, tags);
  const tag = tags.find(({ name: found }) => found === reference);
  if (tag === undefined) return refusal(404, 'TAG_UNKNOWN', `tag "${reference}" is not found`);
  if (method === 'GET') return { status: 200, body: { ...base, tag } };
  if (world.locked.has(`${name}:${reference}`) || world.locked.has(name)) return disallowed();
  const { status, body } = await upstream.ask('DELETE', `/v2/${name}/manifests/${reference}`, access);
  world.times.delete(`${name}:${reference}`);
  return { status, body: body.toString() };
}

/** ACR answers the same for what is locked as for what is in quarantine. */
export function disallowed(): AcrFault {
  const words = 'The operation is disallowed on this registry, repository or image.';
  return refusal(405, 'UNSUPPORTED', words);
}

function partsOf(path: string) {
  const [, name = '', kind, reference] =
    /^\/acr\/v1\/(.+?)(?:\/_(tags|manifests)(?:\/(.+))?)?$/.exec(path) ?? [];
  return { name: decodeURIComponent(name), kind, reference: reference && decodeURIComponent(reference) };
}

type Tag = Awaited<ReturnType<typeof tagOf>>;

async function tagsOf(
  world: AcrWorld,
  upstream: AcrUpstream,
  name: string,
  access: Parameters<AcrUpstream['ask']>[2],
): Promise<readonly Tag[] | undefined> {
  const { status, body } = await upstream.ask('GET', `/v2/${name}/tags/list`, access);
  if (status === 404) return undefined;
  const names: readonly string[] = JSON.parse(body.toString()).tags ?? [];
  return Promise.all(names.map(tag => tagOf(world, upstream, name, tag, access)));
}

async function tagOf(
  world: AcrWorld,
  upstream: AcrUpstream,
  name: string,
  tag: string,
  access: Parameters<AcrUpstream['ask']>[2],
) {
  const { headers } = await upstream.ask('HEAD', `/v2/${name}/manifests/${tag}`, access);
  const { made = 0, changed = 0 } = world.times.get(`${name}:${tag}`) ?? {};
  return {
    name: tag,
    digest: String(headers['docker-content-digest']),
    createdTime: new Date(made).toISOString(),
    lastUpdateTime: new Date(changed).toISOString(),
    signed: false,
    changeableAttributes: attributes(world.locked.has(`${name}:${tag}`)),
  };
}

function properties(world: AcrWorld, name: string, tagCount: number) {
  const time = new Date(0).toISOString();
  const changeableAttributes = attributes(world.locked.has(name));
  return { createdTime: time, lastUpdateTime: time, manifestCount: tagCount, tagCount, changeableAttributes };
}

function attributes(locked: boolean) {
  return { deleteEnabled: !locked, writeEnabled: !locked, readEnabled: true, listEnabled: true };
}

function page(world: AcrWorld, url: URL, base: object, tags: readonly Tag[]): AcrFault {
  const order = url.searchParams.get('orderby') ?? 'none';
  const newestFirst = (a: Tag, b: Tag) => b.lastUpdateTime.localeCompare(a.lastUpdateTime);
  const sorted = order === 'timedesc' ? tags.toSorted(newestFirst) : tags;
  const [shown, headers] = cut(world, url, sorted, ({ name }) => name);
  return { status: 200, headers, body: { ...base, tags: shown } };
}

async function catalog(world: AcrWorld, upstream: AcrUpstream, url: URL): Promise<AcrFault> {
  const access = [{ type: 'registry', name: 'catalog', actions: ['*'] }];
  const { body } = await upstream.ask('GET', '/v2/_catalog?n=1000', access);
  const names: readonly string[] = JSON.parse(body.toString()).repositories ?? [];
  const [repositories, headers] = cut(world, url, names, name => name);
  return { status: 200, headers, body: { repositories } };
}

/** What comes after `last`, as much as a page has, and where the next one is. */
function cut<T>(world: AcrWorld, url: URL, all: readonly T[], nameOf: (item: T) => string) {
  const last = url.searchParams.get('last');
  const rest = last === null ? all : all.slice(all.findIndex(item => nameOf(item) === last) + 1);
  const size = Math.min(world.pageSize, Number(url.searchParams.get('n') ?? world.pageSize));
  const shown = rest.slice(0, size);
  const next = new URLSearchParams(url.searchParams);
  if (shown.length > 0) next.set('last', nameOf(shown.at(-1)!));
  const headers = rest.length > size ? { link: `<${url.pathname}?${next}>; rel="next"` } : {};
  return [shown, headers] as const;
}
