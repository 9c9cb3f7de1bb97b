import type { Verdict } from '../assembly/examine.ts';
import { type GroupDocument, groupDocument } from '../assembly/group-document.ts';
import type { Digest } from '../image/digest.ts';
import { formatPlatform } from '../image/platform.ts';

export type PlannedAction = 'new' | 'change' | 'unchanged' | 'waiting' | 'held' | 'ignored';

/** One target in a plan: what would be done about it, and what that does to it. */
export interface Planned {
  readonly action: PlannedAction;
  readonly group: GroupDocument;
  readonly tag: string;
  /** Platforms as people read them; in a change with what happens: `+linux/arm/v7`, `-windows/amd64`, `~linux/amd64`. */
  readonly platforms: readonly string[];
  /** A person took it away, and asked for it again. */
  readonly restores: boolean;
  /** The target holds an index that archweave wrote. */
  readonly own: boolean;
}

/** `now` is in milliseconds since 1970. */
export function plannedOf(verdict: Verdict, now: number, restores = false): Planned {
  const group = groupDocument(verdict, { now });
  const action = group.state === 'publish' ? (group.before === null ? 'new' : 'change') : group.state;
  const { tag, state } = verdict.target;
  const own = state.kind === 'own';
  return { action, group, tag, platforms: platformsOf(verdict, action, group), restores, own };
}

function platformsOf(verdict: Verdict, action: PlannedAction, group: GroupDocument): readonly string[] {
  if (action === 'change') return changedPlatforms(verdict);
  if (action !== 'waiting' && action !== 'held') return group.platforms;
  return group.members.flatMap(({ present, platform }) => (present ? [platform] : []));
}

function changedPlatforms({ resolution, target: { state } }: Verdict): readonly string[] {
  const before = new Map<string, Digest>();
  for (const { platform, digest } of state.kind === 'absent' ? [] : state.children) {
    if (platform !== undefined && platform.os !== 'unknown') before.set(formatPlatform(platform), digest);
  }
  // What is put back by its digest has no members to tell of.
  if (resolution.kind !== 'complete') return [...before.keys()];
  const after = resolution.chosen.map(({ image: { descriptor } }) => {
    const platform = formatPlatform(descriptor.platform);
    const held = before.get(platform);
    const sign = held === undefined ? '+' : held === descriptor.digest ? '' : '~';
    return { platform, text: `${sign}${platform}` };
  });
  const removed = [...before.keys()].filter(platform => !after.some(one => one.platform === platform));
  return [...after.map(({ text }) => text), ...removed.map(platform => `-${platform}`)];
}
