import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { isDigest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import type { CallOptions } from '../interfaces.ts';
import { manifestPath } from '../oci/address.ts';
import { type AcrAccess, ask, nameOf } from './access.ts';
import { lockOf } from './lock.ts';

/** Refusals of a write under a tag that a lock may be behind: how ACR words it is not written down anywhere. */
const PERHAPS_LOCKED: ReadonlySet<string> = new Set([
  'locked',
  'forbidden',
  'unsupported',
  'registry-failed',
]);

/**
 * `ManifestWriter.writeManifest`. A PUT under a tag is sent once, and again only after a 401 or a 429, which say that
 * it was not taken. ACR keeps the list of referrers itself.
 */
export async function writeManifest(
  access: AcrAccess,
  repository: string,
  reference: string,
  manifest: Manifest,
  options: CallOptions = {},
): Promise<void> {
  manifestPath(repository, reference);
  const name = nameOf(access, repository, reference);
  const about = { attempt: `write ${name}`, reference: name, right: 'write', repository } as const;
  const refuse = (facts: Pick<ArchweaveError, 'code' | 'reason' | 'retryable'>) =>
    new ArchweaveError({ ...facts, attempt: about.attempt, reference: name });
  const byDigest = isDigest(reference);
  if (byDigest && reference !== manifest.digest)
    throw refuse({
      code: 'digest-mismatch',
      reason: 'the bytes are not what their digest says',
      retryable: false,
    });
  if (!manifest.digest.startsWith('sha256:'))
    throw refuse({ code: 'unsupported', reason: 'the client of ACR knows sha256 only', retryable: false });
  try {
    const resend = byDigest ? 'always' : 'if-refused';
    await ask(access, { ...about, resend }, options, async ({ content }, sending) => {
      const put = { ...sending, mediaType: manifest.mediaType, ...(!byDigest && { tag: reference }) };
      const { digest } = await content(repository)
        .setManifest(Buffer.from(manifest.bytes), put)
        .catch(error => {
          if (!/Expected property/.test(error.message)) throw error;
          // It may have landed all the same: whoever does not know looks.
          const reason = 'the registry does not say what it stored';
          throw refuse({ code: 'registry-failed', reason, retryable: true });
        });
      if (digest === manifest.digest) return;
      const reason = 'the registry stored other bytes than it was sent';
      throw refuse({ code: 'digest-mismatch', reason, retryable: false });
    });
  } catch (error) {
    throw await understood(access, repository, reference, error, options);
  }
}

/** `ManifestDeleter.deleteManifest`. */
export async function deleteManifest(
  access: AcrAccess,
  repository: string,
  reference: string,
  options: CallOptions = {},
): Promise<void> {
  manifestPath(repository, reference);
  const name = nameOf(access, repository, reference);
  const byDigest = isDigest(reference);
  const about = {
    attempt: `delete ${name}`,
    reference: name,
    right: 'delete',
    repository,
    // A tag that was taken away and pushed again meanwhile must not be taken away twice.
    resend: byDigest ? 'always' : 'if-refused',
  } as const;
  try {
    await ask(access, about, options, ({ content, metadata }, sending) =>
      byDigest
        ? content(repository).deleteManifest(reference, sending)
        : metadata.getArtifact(repository, reference).deleteTag(reference, sending),
    );
  } catch (error) {
    const gone = isArchweaveError(error) && (error.code === 'not-found' || error.code === 'no-repository');
    if (!gone) throw error;
  }
}

/** What a refusal comes to once the tag's own properties were looked at. */
async function understood(
  access: AcrAccess,
  repository: string,
  reference: string,
  error: unknown,
  options: CallOptions,
): Promise<unknown> {
  if (!isArchweaveError(error) || isDigest(reference) || error.retryable) return error;
  if (!PERHAPS_LOCKED.has(error.code) || error.status === undefined) return error;
  const lock = await lockOf(access, repository, reference, options);
  if (lock !== undefined) {
    const reason =
      lock === 'tag' ? 'the tag is locked against changes' : 'the repository is locked against changes';
    const image = lock === 'tag' ? `--image ${repository}:${reference}` : `--repository ${repository}`;
    const next = `az acr repository show --name ${access.host.split('.')[0]} ${image}`;
    return error.with({ code: 'locked', reason, next });
  }
  // A status that says no and nothing else: a decision of the registry, which sending it again does not change.
  return error.code === 'registry-failed' && error.status < 500 ? error.with({ code: 'unsupported' }) : error;
}
