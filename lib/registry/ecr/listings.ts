import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ListImageReferrersCommand,
} from '@aws-sdk/client-ecr';
import { isArchweaveError } from '../../errors.ts';
import type { Descriptor } from '../../image/descriptor.ts';
import { type Digest, isDigest } from '../../image/digest.ts';
import type { CallOptions, TagEntry } from '../interfaces.ts';
import { ask, type EcrAccess, nameOf, registryOf } from './access.ts';

/** What the operations give at most; the third is asked by ListImageReferrers. */
const IMAGES_A_PAGE = 1000;
const REPOSITORIES_A_PAGE = 1000;
const REFERRERS_A_PAGE = 50;

/**
 * `TagLister.listTags`, by DescribeImages, which tells digests and times. `pushedAt` is when the image was pushed: a
 * tag that was put on an image later is younger than that. Archived images are left out.
 */
export async function* listTags(
  access: EcrAccess,
  repository: string,
  options: CallOptions = {},
): AsyncGenerator<readonly TagEntry[]> {
  const name = nameOf(access, repository);
  const about = { operation: 'DescribeImages', attempt: `list ${name}`, reference: name, repository };
  const input = {
    ...registryOf(access),
    repositoryName: repository,
    filter: { tagStatus: 'TAGGED' as const },
    maxResults: IMAGES_A_PAGE,
  };
  const pages = paged(nextToken =>
    ask(access, about, options, ({ patient }, sending) =>
      patient.send(new DescribeImagesCommand({ ...input, ...nextToken }), sending),
    ),
  );
  for await (const { imageDetails = [] } of orNothing(pages)) {
    const entries = imageDetails.flatMap(({ imageTags = [], imageDigest = '', imagePushedAt }) =>
      imageTags.map(tag => ({
        tag,
        ...(isDigest(imageDigest) && { digest: imageDigest }),
        ...(imagePushedAt !== undefined && { pushedAt: imagePushedAt.toISOString() }),
      })),
    );
    if (entries.length > 0) yield entries;
  }
}

/** `RepositoryLister.listRepositories`. */
export async function* listRepositories(
  access: EcrAccess,
  options: CallOptions = {},
): AsyncGenerator<readonly string[]> {
  const attempt = `list the repositories of ${access.host}`;
  const input = { ...registryOf(access), maxResults: REPOSITORIES_A_PAGE };
  const pages = paged(nextToken =>
    ask(access, { operation: 'DescribeRepositories', attempt }, options, ({ patient }, sending) =>
      patient.send(new DescribeRepositoriesCommand({ ...input, ...nextToken }), sending),
    ),
  );
  for await (const { repositories = [] } of pages) {
    const names = repositories.flatMap(({ repositoryName }) => repositoryName ?? []);
    if (names.length > 0) yield names;
  }
}

/** `ReferrerReader.listReferrers`, by ListImageReferrers; the right to BatchGetImage is the right to it. */
export async function listReferrers(
  access: EcrAccess,
  repository: string,
  digest: Digest,
  { artifactType, ...options }: CallOptions & { readonly artifactType?: string } = {},
): Promise<readonly Descriptor[]> {
  const name = nameOf(access, repository, digest);
  const attempt = `list what refers to ${name}`;
  const about = { operation: 'ListImageReferrers', attempt, reference: name, repository };
  const input = {
    ...registryOf(access),
    repositoryName: repository,
    subjectId: { imageDigest: digest },
    ...(artifactType !== undefined && { filter: { artifactTypes: [artifactType] } }),
    maxResults: REFERRERS_A_PAGE,
  };
  const pages = paged(nextToken =>
    ask(access, about, options, ({ patient }, sending) =>
      patient.send(new ListImageReferrersCommand({ ...input, ...nextToken }), sending),
    ),
  );
  const listed: Descriptor[] = [];
  for await (const { referrers = [] } of orNothing(pages)) {
    for (const { digest: found = '', mediaType = '', size = 0, artifactType: type, annotations } of referrers)
      if (isDigest(found)) {
        listed.push({
          ...{ mediaType, digest: found, size },
          ...(type !== undefined && { artifactType: type }),
          ...(annotations !== undefined && Object.keys(annotations).length > 0 && { annotations }),
        });
      }
  }
  return listed.filter(entry => artifactType === undefined || entry.artifactType === artifactType);
}

/** The pages of a list, up to one that names no next one, or itself. */
async function* paged<T extends { readonly nextToken?: string | undefined }>(
  ask: (next: { readonly nextToken?: string }) => Promise<T>,
): AsyncGenerator<T> {
  for (let token: string | undefined; ; ) {
    const page = await ask(token === undefined ? {} : { nextToken: token });
    yield page;
    if (!page.nextToken || page.nextToken === token) return;
    token = page.nextToken;
  }
}

/** A repository that is not there has nothing in it. */
async function* orNothing<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages;
  } catch (error) {
    if (!isArchweaveError(error) || error.code !== 'no-repository') throw error;
  }
}
