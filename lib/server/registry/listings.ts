import { Refusal } from './refusal.ts';
import type { RegistryRequest } from './request.ts';

/** The longest list that one answer carries; the rest is behind its Link. */
const LONGEST = 10_000;

/** `tags/list` with n and last. */
export function getTags(request: RegistryRequest): Response {
  const { storage, endpoint } = request;
  const name = endpoint.repository;
  const path = `/v2/${name}/tags/list`;
  const list = (after: string | undefined, limit: number) =>
    storage.manifests.tags(name, { after, limit }).map(({ tag }) => tag);
  return answer(request, path, list, tags => {
    if (tags.length === 0 && !storage.hasRepository(name)) {
      throw new Refusal(404, 'NAME_UNKNOWN', `there is no repository ${name}`, { detail: { name } });
    }
    return { name, tags };
  });
}

/** `_catalog` with n and last: repositories that hold anything. */
export function getCatalogue(request: RegistryRequest): Response {
  const list = (after: string | undefined, limit: number) => request.storage.repositories({ after, limit });
  return answer(request, '/v2/_catalog', list, repositories => ({ repositories }));
}

function answer(
  { c }: RegistryRequest,
  path: string,
  list: (after: string | undefined, limit: number) => readonly string[],
  body: (entries: readonly string[]) => object,
): Response {
  const asked = c.req.query('n');
  if (asked !== undefined && !/^\d{1,15}$/.test(asked)) {
    throw new Refusal(400, 'UNSUPPORTED', 'n is a whole number', { detail: { n: asked } });
  }
  const limit = Math.min(Number(asked ?? LONGEST), LONGEST);
  const found = list(c.req.query('last'), limit + 1);
  const entries = found.slice(0, limit);
  if (limit === 0 || found.length <= limit) return c.json(body(entries));
  const next = new URLSearchParams({ n: String(limit), last: entries.at(-1)! });
  return c.json(body(entries), 200, { Link: `<${path}?${next}>; rel="next"` });
}
