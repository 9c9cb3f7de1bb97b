import { platformClaimed } from '../assembly/claim-of-tag.ts';
import type { Joined } from '../assembly/join.ts';
import { sentence } from '../assembly/reasons.ts';
import { contradicts, formatPlatform } from '../image/platform.ts';
import { formatReference } from '../image/reference.ts';
import { builtInRule } from '../rules/built-in.ts';
import type { JoinRequest } from './join-request.ts';

/** The document of `create --json`. Its group follows the built-in rule, and has no captures. */
export function createDocument(request: JoinRequest, joined: Joined): Readonly<Record<string, unknown>> {
  const { target, join } = request;
  const reasons = joined.kind === 'joined' ? [] : joined.reasons;
  const changed = joined.kind === 'joined' && joined.written.length > 0;
  const state = joined.kind === 'joined' ? (changed ? 'publish' : 'unchanged') : joined.kind;
  const build = joined.kind === 'joined' ? (joined.revision ?? null) : null;
  const platforms =
    joined.kind === 'joined'
      ? joined.chosen.map(({ image }) => formatPlatform(image.descriptor.platform))
      : [];
  const rule = builtInRule(target.host);
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
    platforms,
    changed,
    group: {
      target: join.tags.map(tag =>
        formatReference({ host: target.host, repository: target.repository, tag }),
      ),
      registry: target.host,
      repository: target.repository,
      rule: { name: rule.name, line: rule.line },
      captures: {},
      state,
      reasons: reasons.map(reason => ({ ...reason, message: sentence(reason) })),
      since: null,
      sinceFrom: null,
      overdueAt: null,
      overdue: false,
      build,
      platforms,
      members: membersOf(joined, rule.sameBuild.labels[0] ?? ''),
      before: joined.before ?? null,
      after: index.digest,
    },
  };
}

function membersOf({ members }: Joined, label: string): readonly Readonly<Record<string, unknown>>[] {
  return members.flatMap(({ tag, claim, state }) => {
    const row = { tag, platform: platformClaimed(claim) ?? null, required: true };
    if (state.kind === 'absent') return [{ ...row, present: false, lookedFor: [tag] }];
    if (state.kind === 'unreadable') return [{ ...row, present: true }];
    const pushed = state.pushedAt === undefined ? {} : { pushedAt: state.pushedAt };
    if (state.images.length === 0) return [{ ...row, present: true, digest: state.digest, ...pushed }];
    return state.images.map(({ descriptor: { digest, platform }, labels }) => {
      const name = formatPlatform(platform);
      const build = labels[label];
      return {
        ...row,
        ...(contradicts(platform, claim) ? { is: name } : { platform: name }),
        present: true,
        digest,
        ...pushed,
        ...(build === undefined ? {} : { build }),
      };
    });
  });
}
