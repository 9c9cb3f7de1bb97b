import type { Digest } from '../image/digest.ts';
import { formatPlatform, type Platform, satisfies } from '../image/platform.ts';
import type { Standing } from '../ledger/interface.ts';
import type { Decision } from './decide.ts';
import type { Verdict } from './examine.ts';
import type { Member } from './observation.ts';
import { type Reason, sentence, shortBuild } from './reasons.ts';

/** One group as JSON: the shape that plan, explain, create, the page and the events share. Times are RFC 3339. */
export interface GroupDocument {
  readonly target: readonly string[];
  readonly registry: string;
  readonly repository: string;
  readonly rule: { readonly name: string; readonly line: number };
  readonly captures: Readonly<Record<string, string>>;
  readonly state: 'publish' | 'unchanged' | 'waiting' | 'held' | 'ignored';
  readonly reasons: readonly (Reason & { readonly message: string })[];
  readonly since: string | null;
  readonly sinceFrom: 'ledger' | 'registry' | null;
  readonly overdueAt: string | null;
  readonly overdue: boolean;
  readonly build: string | null;
  /** What the tag goes on holding while the group waits or is held, for a person. */
  readonly keeps?: string;
  /** Platforms that the index has, or would have. */
  readonly platforms: readonly string[];
  readonly members: readonly MemberDocument[];
  readonly before: Digest | null;
  readonly after: Digest | null;
}

export interface MemberDocument {
  readonly tag: string;
  readonly platform: string;
  readonly required: boolean;
  readonly present: boolean;
  readonly digest?: Digest;
  /** What the image is, where that is not what its tag says. */
  readonly is?: string;
  readonly pushedAt?: string;
  readonly build?: string;
  readonly lookedFor?: readonly string[];
  readonly near?: readonly string[];
}

export interface Circumstances {
  readonly now: number;
  readonly state?: GroupDocument['state'];
  readonly reasons?: readonly Reason[];
  readonly after?: Digest;
}

export function groupDocument(verdict: Verdict, circumstances: Circumstances): GroupDocument {
  const { rule, registry, repository, target, decision, captures } = verdict;
  const state = circumstances.state ?? (decision.kind === 'restore' ? 'publish' : decision.kind);
  const reasons = circumstances.reasons ?? decision.reasons;
  const { standing } = target;
  const told = state === 'waiting' ? waitingSince(verdict) : undefined;
  const recorded = standing !== undefined && isRecordedAs(standing, state) ? standing.since : undefined;
  const since = told ?? recorded ?? null;
  const overdueAt =
    state === 'waiting' && since !== null && rule.overdue !== null
      ? Date.parse(since) + rule.overdue
      : undefined;
  return {
    target: [`${registry}/${repository}:${target.tag}`],
    registry,
    repository,
    rule: { name: rule.name, line: rule.line },
    captures,
    state,
    reasons: reasons.map(reason => ({ ...reason, message: sentence(reason) })),
    since,
    sinceFrom: told !== undefined ? 'registry' : recorded !== undefined ? 'ledger' : null,
    overdueAt: overdueAt === undefined ? null : new Date(overdueAt).toISOString(),
    overdue: overdueAt !== undefined && circumstances.now >= overdueAt,
    build: revisionOf(verdict),
    ...(keptBuild(verdict, state) ?? {}),
    platforms: platformsOf(verdict),
    members: membersOf(verdict),
    before: target.state.kind === 'absent' ? null : (target.state.digest ?? null),
    after: circumstances.after ?? afterOf(decision),
  };
}

/**
 * Since when a group waits, as the registry tells: what is missing is waited for since the first of the others came,
 * what does not fit together since the last of them came. Undefined where the registry tells no times.
 */
export function waitingSince({ observation, decision }: Verdict): string | undefined {
  const times = observation.members
    .flatMap(({ state }) =>
      state.kind === 'present' && state.pushedAt !== undefined ? [state.pushedAt] : [],
    )
    .toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const missing = decision.reasons.some(({ code }) => code === 'missing-platform');
  return missing ? times[0] : times.at(-1);
}

function isRecordedAs({ state }: Standing, wanted: GroupDocument['state']): boolean {
  return state === wanted || (state === 'published' && wanted === 'unchanged');
}

function revisionOf({ resolution, rule, observation, target }: Verdict): string | null {
  if (resolution.kind === 'complete') return resolution.revision ?? null;
  const label = rule.sameBuild.labels[0] ?? '';
  const images = observation.members.flatMap(({ state }) => (state.kind === 'present' ? state.images : []));
  const told = new Set(images.map(({ labels }) => labels[label]));
  const [only] = told;
  if (told.size === 1 && only !== undefined) return only;
  return images.length === 0 && target.state.kind === 'own' ? (target.state.revision ?? null) : null;
}

function keptBuild(
  { target: { state } }: Verdict,
  now: GroupDocument['state'],
): { keeps: string } | undefined {
  if (state.kind !== 'own' || (now !== 'held' && now !== 'waiting')) return undefined;
  return {
    keeps: state.revision === undefined ? 'its last whole index' : `build ${shortBuild(state.revision)}`,
  };
}

function afterOf(decision: Decision): Digest | null {
  if (decision.kind === 'publish') return decision.manifest.digest;
  return decision.kind === 'restore' ? decision.digest : null;
}

function platformsOf({ resolution, target: { state } }: Verdict): readonly string[] {
  if (resolution.kind === 'complete')
    return resolution.chosen.map(({ image }) => formatPlatform(image.descriptor.platform));
  if (state.kind === 'absent') return [];
  return state.children.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)],
  );
}

function membersOf({ rule, observation: { members } }: Verdict): readonly MemberDocument[] {
  const label = rule.sameBuild.labels[0] ?? '';
  const rows = (wanted: Platform, required: boolean) => memberRows(wanted, required, members, label);
  return [
    ...rule.platforms.flatMap(wanted => rows(wanted, true)),
    ...rule.optional.flatMap(wanted => rows(wanted, false)),
  ];
}

function memberRows(
  wanted: Platform,
  required: boolean,
  members: readonly Member[],
  label: string,
): readonly MemberDocument[] {
  const mayBe = members.filter(({ platforms }) => platforms.includes(wanted));
  const there = mayBe.flatMap(({ tag, state }): MemberDocument[] => {
    if (state.kind === 'absent') return [];
    const row = { tag, platform: formatPlatform(wanted), required, present: true };
    if (state.kind === 'unreadable') return [row];
    const pushed = state.pushedAt === undefined ? {} : { pushedAt: state.pushedAt };
    const fitting = state.images.filter(({ descriptor }) => satisfies(descriptor.platform, wanted));
    const [image] = fitting.length > 0 ? fitting : state.images;
    if (image === undefined) return [row];
    const platform = formatPlatform(image.descriptor.platform);
    const build = image.labels[label];
    return [
      {
        ...row,
        ...(fitting.length > 0 ? { platform } : { is: platform }),
        digest: image.descriptor.digest,
        ...pushed,
        ...(build === undefined ? {} : { build }),
      },
    ];
  });
  if (there.length > 0) return there;
  const lookedFor = mayBe.map(({ tag }) => tag);
  return [{ tag: lookedFor[0] ?? '', platform: formatPlatform(wanted), required, present: false, lookedFor }];
}
