import type { CallOptions, TagEntry } from '../interfaces.ts';
import { nameOf, pulling, repositoryPath } from './address.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import { nextPage } from './next-page.ts';

const MOST_BYTES = 8 * 1024 * 1024;
const A_PAGE = 1000;

/** `TagLister.listTags`. */
export async function* listTags(
  client: Client,
  repository: string,
  { signal }: CallOptions = {},
): AsyncGenerator<readonly TagEntry[]> {
  const name = nameOf(client, repository);
  const path = `${repositoryPath(repository)}/tags/list`;
  const call = { attempt: `list ${name}`, reference: name, scopes: [pulling(repository)], signal };
  for await (const page of names(client, path, 'tags', call)) yield page.map(tag => ({ tag }));
}

/** `RepositoryLister.listRepositories`: by the catalog, which many public registries do not have. */
export async function* listRepositories(
  client: Client,
  { signal }: CallOptions = {},
): AsyncGenerator<readonly string[]> {
  const { host } = client.endpoint;
  const call = { attempt: `list the repositories of ${host}`, scopes: ['registry:catalog:*'], signal };
  yield* names(client, '_catalog', 'repositories', call);
}

/**
 * The pages of a list of names. Registries part them by `Link`, or leave it to the client to ask for what comes
 * after the last name; some do not part them at all, and some take no notice of what they are asked.
 */
async function* names(
  client: Client,
  path: string,
  field: 'tags' | 'repositories',
  about: Pick<Call, 'attempt' | 'reference' | 'scopes' | 'signal'>,
): AsyncGenerator<readonly string[]> {
  let at: string | URL | undefined = `${path}?n=${A_PAGE}`;
  let first: string | undefined;
  const asked = new Set<string>();
  while (at !== undefined) {
    const { pathname, search }: URL = typeof at === 'string' ? client.endpoint.url(at) : at;
    if (asked.has(pathname + search)) return;
    asked.add(pathname + search);
    const call: Call = {
      ...about,
      method: 'GET',
      at,
      resend: 'always',
      hoped: [200, 404],
      limit: MOST_BYTES,
    };
    const answer = await client.request(call);
    if (answer.status === 404) return;
    const page = namesIn(answer.bytes, field);
    if (page === undefined) throw client.notRegistry(call, answer);
    if (page.length > 0 && page[0] === first) return;
    first ??= page[0];
    if (page.length > 0) yield page;
    at = nextPage(answer, client.endpoint.origin);
    if (at === undefined && page.length === A_PAGE && !answer.headers.get('link'))
      at = `${path}?n=${A_PAGE}&last=${encodeURIComponent(page.at(-1)!)}`;
  }
}

function namesIn(bytes: Uint8Array, field: 'tags' | 'repositories'): readonly string[] | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>> | null;
    if (typeof value !== 'object' || value === null) return undefined;
    const found = value[field] ?? [];
    return Array.isArray(found) ? found.filter(name => typeof name === 'string') : undefined;
  } catch {
    return undefined;
  }
}
