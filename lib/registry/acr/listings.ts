import { isArchweaveError } from '../../errors.ts';
import { isDigest } from '../../image/digest.ts';
import type { CallOptions, TagEntry } from '../interfaces.ts';
import { repositoryPath } from '../oci/address.ts';
import { type About, type AcrAccess, ask, nameOf } from './access.ts';
import type { AcrClients } from './clients.ts';

/** What ACR gives at most, of tags as of repositories. */
const A_PAGE = 1000;
/** The SDK asks for an artifact where the list is one of the whole repository; it is not looked at. */
const ANY = 'latest';

interface Listed {
  readonly name: string;
  readonly digest: string;
  readonly lastUpdatedOn: Date;
}

type Pages<T> = AsyncIterator<readonly T[] & { readonly continuationToken?: string }>;
type Settings = { readonly maxPageSize: number; readonly continuationToken?: string };

/** `TagLister.listTags`, with what each tag holds and when it was last changed. */
export async function* listTags(
  access: AcrAccess,
  repository: string,
  options: CallOptions = {},
): AsyncGenerator<readonly TagEntry[]> {
  const open = ({ metadata }: AcrClients, sending: object, settings: Settings): Pages<Listed> =>
    metadata.getArtifact(repository, ANY).listTagProperties(sending).byPage(settings);
  for await (const page of paged(access, aboutTags(access, repository), options, open))
    yield page.map(entryOf);
}

/** `RecentTagLister.newestTags`: the first page of the tags in the order of their last change. */
export async function newestTags(
  access: AcrAccess,
  repository: string,
  limit: number,
  options: CallOptions = {},
): Promise<readonly TagEntry[]> {
  const order = 'LastUpdatedOnDescending';
  try {
    return await ask(access, aboutTags(access, repository), options, async ({ metadata }, sending) => {
      const listing = metadata.getArtifact(repository, ANY).listTagProperties({ ...sending, order });
      const page = await listing.byPage({ maxPageSize: Math.min(limit, A_PAGE) }).next();
      return page.done ? [] : page.value.map(entryOf).slice(0, limit);
    });
  } catch (error) {
    if (isNowhere(error)) return [];
    throw error;
  }
}

/** `RepositoryLister.listRepositories`. */
export function listRepositories(
  access: AcrAccess,
  options: CallOptions = {},
): AsyncGenerator<readonly string[]> {
  const about = { attempt: `list the repositories of ${access.host}`, right: 'list' } as const;
  const open = ({ metadata }: AcrClients, sending: object, settings: Settings): Pages<string> =>
    metadata.listRepositoryNames(sending).byPage(settings);
  return paged(access, about, options, open);
}

function aboutTags(access: AcrAccess, repository: string): About {
  const name = nameOf(access, repositoryPath(repository));
  return { attempt: `list ${name}`, reference: name, right: 'read', repository };
}

function entryOf({ name, digest, lastUpdatedOn }: Listed): TagEntry {
  return {
    tag: name,
    ...(isDigest(digest) && { digest }),
    ...(!Number.isNaN(lastUpdatedOn.getTime()) && { pushedAt: lastUpdatedOn.toISOString() }),
  };
}

/**
 * The pages of a list, each asked for by itself, so that one that was refused for being asked too fast is asked for
 * again, and not the list from its start. What is in a repository that is not there is nothing.
 */
async function* paged<T>(
  access: AcrAccess,
  about: About,
  options: CallOptions,
  open: (clients: AcrClients, sending: object, settings: Settings) => Pages<T>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string | undefined>();
  for (let token: string | undefined; !seen.has(token); ) {
    seen.add(token);
    const settings = { maxPageSize: A_PAGE, ...(token !== undefined && { continuationToken: token }) };
    const next = ask(access, about, options, (clients, sending) => open(clients, sending, settings).next());
    const page = await next.catch(error => {
      if (isNowhere(error)) return undefined;
      throw error;
    });
    if (page === undefined || page.done) return;
    if (page.value.length > 0) yield page.value;
    token = page.value.continuationToken;
  }
}

function isNowhere(error: unknown): boolean {
  return isArchweaveError(error) && (error.code === 'no-repository' || error.code === 'not-found');
}
