import { isArchweaveError } from '../../errors.ts';
import type { CallOptions } from '../interfaces.ts';
import { type AcrAccess, ask, nameOf } from './access.ts';

/**
 * Whether the tag, or the repository with all of its tags, may not be written: by its properties, since a refused write
 * does not say so in words that can be relied on. Undefined where nobody may look, too.
 */
export async function lockOf(
  access: AcrAccess,
  repository: string,
  tag: string,
  options: CallOptions,
): Promise<'tag' | 'repository' | undefined> {
  const about = { attempt: `read ${nameOf(access, repository, tag)}`, right: 'read', repository } as const;
  const isOpen = async (look: () => Promise<boolean | undefined>) => {
    try {
      return (await look()) !== false;
    } catch (error) {
      if (isArchweaveError(error)) return true;
      throw error;
    }
  };
  const tagIsOpen = await isOpen(() =>
    ask(access, about, options, async ({ metadata }, sending) => {
      const { canWrite } = await metadata.getArtifact(repository, tag).getTagProperties(tag, sending);
      return canWrite;
    }),
  );
  if (!tagIsOpen) return 'tag';
  const repositoryIsOpen = await isOpen(() =>
    ask(access, about, options, async ({ metadata }, sending) => {
      const { canWrite } = await metadata.getRepository(repository).getProperties(sending);
      return canWrite;
    }),
  );
  return repositoryIsOpen ? undefined : 'repository';
}
