import type { Announcement } from '../assembly/announcement.ts';
import type { GroupDocument } from '../assembly/group-document.ts';
import type { Cause } from '../assembly/wake-up.ts';
import type { Rule } from '../rules/rule.ts';

/** An event of archweave's own, as it goes to a bus; docs/events has a JSON Schema of each `type`. */
export interface OwnEvent {
  readonly source: 'archweave';
  readonly type: Announcement['type'];
  /** ARNs of the repository, where it has one. */
  readonly resources: readonly string[];
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface OwnEventContext {
  readonly rules: readonly Rule[];
  /** What the configuration calls a registry; undefined where it has no name. */
  readonly registryName: (host: string) => string | undefined;
  readonly repositoryArn: (host: string, repository: string) => string | undefined;
  /** Which configuration decided it. */
  readonly config: string;
  readonly cause: Cause;
  readonly mediaType?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Version of `detail`. Fields are only ever added to it. */
const VERSION = 1;

/**
 * What others are told of a change of state. It may come more than once: registry, repository, target and digest
 * tell whether it is known. Nothing in it is secret, and text of others (labels, tags) is in values only.
 */
export function ownEvent(announcement: Announcement, context: OwnEventContext): OwnEvent {
  const { type, message, target, group, digest, resolves } = announcement;
  const { cause, config, mediaType, now } = context;
  const name = context.registryName(target.registry);
  const arn = context.repositoryArn(target.registry, target.repository);
  return {
    source: 'archweave',
    type,
    resources: arn === undefined ? [] : [arn],
    time: new Date(now).toISOString(),
    detail: {
      version: VERSION,
      message,
      registry: { host: target.registry, ...(name !== undefined && name !== target.registry && { name }) },
      repository: target.repository,
      targets: [target.tag],
      rule: group.rule.name,
      captures: group.captures,
      build: buildOf(group, context.rules),
      platforms: platformsOf(group),
      cause: { eventId: cause.id, source: cause.source, at: cause.time },
      config,
      ...(resolves !== undefined && { resolves }),
      ...(type === 'Index Published'
        ? {
            digest: digest ?? null,
            previous: announcement.previousDigest ?? null,
            mediaType: mediaType ?? null,
          }
        : { holds: digest ?? null }),
      ...trouble(announcement),
    },
  };
}

function trouble({ type, group }: Announcement) {
  const [first] = group.reasons;
  switch (type) {
    case 'Index Held':
      return { reason: first?.code ?? 'unknown', facts: group.reasons };
    case 'Index Overdue':
      return {
        reason: first?.code ?? 'unknown',
        missing: group.members
          .filter(({ present, required }) => required && !present)
          .map(({ platform }) => platform),
        since: group.since,
        overdueAt: group.overdueAt,
      };
    case 'Index Planned':
      return { would: group.after };
    case 'Index Published':
      return {};
  }
}

/** The label that tells a build, and its value; nothing where the members tell none. */
function buildOf(group: GroupDocument, rules: readonly Rule[]): Readonly<Record<string, string>> {
  const label = rules.find(({ name }) => name === group.rule.name)?.sameBuild.labels[0];
  return label === undefined || group.build === null ? {} : { [label]: group.build };
}

function platformsOf({ members }: GroupDocument) {
  return members
    .filter(({ present }) => present)
    .map(({ platform, is, digest, tag }) => ({ platform: is ?? platform, digest: digest ?? null, tag }));
}
