import type { Joined } from '../assembly/join.ts';
import { sentence } from '../assembly/reasons.ts';
import { formatPlatform } from '../image/platform.ts';
import { formatReference } from '../image/reference.ts';
import type { JoinRequest } from './join-request.ts';

/** The document of `create --json`. Its group has no rule and no captures: what was asked for is all there is. */
export function createDocument(request: JoinRequest, joined: Joined): Readonly<Record<string, unknown>> {
  const { target, join } = request;
  const reasons = joined.kind === 'joined' ? [] : joined.reasons;
  const changed = joined.kind === 'joined' && joined.written.length > 0;
  const state = joined.kind === 'joined' ? (changed ? 'publish' : 'unchanged') : joined.kind;
  const build = joined.kind === 'joined' ? (joined.revision ?? null) : null;
  const index =
    joined.kind === 'joined'
      ? {
          digest: joined.digest,
          mediaType: joined.manifest.mediaType,
          size: joined.manifest.bytes.byteLength,
        }
      : { digest: null, mediaType: null, size: null };
  return {
    reference: formatReference(target),
    ...index,
    tags: join.tags,
    platforms:
      joined.kind === 'joined'
        ? joined.chosen.map(({ image }) => formatPlatform(image.descriptor.platform))
        : [],
    changed,
    group: {
      target: join.tags.map(tag =>
        formatReference({ host: target.host, repository: target.repository, tag }),
      ),
      registry: target.host,
      repository: target.repository,
      rule: null,
      captures: {},
      state,
      reasons: reasons.map(reason => ({ ...reason, message: sentence(reason) })),
      since: null,
      sinceFrom: null,
      overdueAt: null,
      overdue: false,
      build,
      members: membersOf(joined),
      before: null,
      after: index.digest,
    },
  };
}

function membersOf(joined: Joined): readonly Readonly<Record<string, unknown>>[] {
  if (joined.kind === 'joined') {
    return joined.chosen.map(({ tag, image, required }) => ({
      tag,
      platform: formatPlatform(image.descriptor.platform),
      required,
      present: true,
      digest: image.descriptor.digest,
    }));
  }
  if (joined.kind === 'held') return [];
  return joined.missing.map(({ reference, platform }) => ({
    tag: reference,
    platform: platform ?? null,
    required: true,
    present: false,
    lookedFor: [reference],
  }));
}
