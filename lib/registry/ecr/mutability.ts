import { DescribeRepositoriesCommand, type Repository } from '@aws-sdk/client-ecr';
import { isArchweaveError } from '../../errors.ts';
import { matchesGlob } from '../../rules/glob.ts';
import type { CallOptions } from '../interfaces.ts';
import { ask, type EcrAccess, nameOf, registryOf } from './access.ts';

type Setting = Pick<Repository, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

/** Milliseconds that a repository's setting is believed; who changes it is hardly in a hurry. */
const BELIEVED = 60_000;

/**
 * `MutabilityReader.immutableTags`, by DescribeRepositories, once a minute for each repository.
 *
 * Without the right to that call, or without the repository, no tag counts as immutable: this only spares a write
 * that ECR would refuse, and it does refuse it.
 */
export class Mutability {
  readonly #access: EcrAccess;
  readonly #known = new Map<string, { readonly setting: Setting; readonly at: number }>();

  constructor(access: EcrAccess) {
    this.#access = access;
  }

  async immutableTags(
    repository: string,
    tags: readonly string[],
    options: CallOptions = {},
  ): Promise<ReadonlySet<string>> {
    if (tags.length === 0) return new Set();
    const setting = await this.#setting(repository, options);
    return new Set(tags.filter(tag => isImmutable(setting, tag)));
  }

  async #setting(repository: string, options: CallOptions): Promise<Setting> {
    const known = this.#known.get(repository);
    if (known !== undefined && performance.now() - known.at < BELIEVED) return known.setting;
    const setting = await describe(this.#access, repository, options);
    this.#known.set(repository, { setting, at: performance.now() });
    return setting;
  }
}

/** Whether ECR refuses to move the tag. The filters of a setting "with exclusion" name tags that are the other way. */
export function isImmutable(setting: Setting, tag: string): boolean {
  const { imageTagMutability = 'MUTABLE', imageTagMutabilityExclusionFilters: filters = [] } = setting;
  const excluded = filters.some(({ filter = '' }) => matchesGlob(filter, tag));
  switch (imageTagMutability) {
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded;
    default:
      return false;
  }
}

async function describe(access: EcrAccess, repository: string, options: CallOptions): Promise<Setting> {
  const name = nameOf(access, repository);
  const about = { operation: 'DescribeRepositories', attempt: `read ${name}`, reference: name, repository };
  const input = { ...registryOf(access), repositoryNames: [repository] };
  try {
    const { repositories = [] } = await ask(access, about, options, ({ patient }, sending) =>
      patient.send(new DescribeRepositoriesCommand(input), sending),
    );
    return repositories[0] ?? {};
  } catch (error) {
    if (isArchweaveError(error) && (error.code === 'forbidden' || error.code === 'no-repository')) return {};
    throw error;
  }
}
