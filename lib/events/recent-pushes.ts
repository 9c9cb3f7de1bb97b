import type { Digest } from '../image/digest.ts';

/** A tag as the registry's list of newest tags has it. */
export interface ListedTag {
  readonly tag: string;
  readonly digest?: Digest;
  /** RFC 3339; when it was made or moved. */
  readonly pushedAt?: string;
}

/** What a repository's newest tags were at the last look. Plain data, since it may be stored. */
export interface TagWindow {
  readonly tags: Readonly<Record<string, Omit<ListedTag, 'tag'>>>;
  /** The time of the oldest of them where there were older tags; those are not known. */
  readonly floor?: string;
}

/** A tag that was pushed, moved or deleted since the last look. */
export interface Change extends ListedTag {
  readonly action: 'push' | 'delete';
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly window: TagWindow;
  /** All that was listed is new, so there may be more behind it: list more. */
  readonly more: boolean;
}

/** How many tags are remembered of a repository. */
export const WINDOW = 50;

/**
 * What is new among a repository's `newest` tags, of which `limit` were asked for.
 *
 * A tag is new if it holds something else than at the last look, or has another time, or was not there and is newer
 * than what was known then. Of a repository that was never looked at, what is newer than `since` is new; everything
 * older is somebody else's to find. So a tag that moves without its time being renewed is seen only while it is among
 * the newest, and found by a sweep otherwise.
 */
export function compareNewest(
  before: TagWindow | undefined,
  newest: readonly ListedTag[],
  { limit, since }: { readonly limit: number; readonly since: string },
): Comparison {
  const full = newest.length >= limit;
  const border = before === undefined ? since : before.floor;
  const isNew = ({ tag, digest, pushedAt }: ListedTag): boolean => {
    const known = before === undefined ? undefined : ownValue(before.tags, tag);
    if (known !== undefined) return known.digest !== digest || known.pushedAt !== pushedAt;
    return border === undefined || pushedAt === undefined || Date.parse(pushedAt) > Date.parse(border);
  };
  const pushed = newest.filter(isNew);
  const changes = [
    ...pushed.map(entry => ({ ...entry, action: 'push' as const })),
    ...gone(before, newest, full).map(tag => ({ tag, action: 'delete' as const })),
  ];
  return { changes, window: windowOf(newest, full), more: full && pushed.length === newest.length };
}

/** Tags that were there and would be listed if they still were. */
function gone(before: TagWindow | undefined, newest: readonly ListedTag[], full: boolean): readonly string[] {
  const listed = new Set(newest.map(({ tag }) => tag));
  const oldest = Date.parse(newest.at(-1)?.pushedAt ?? '');
  return Object.entries(before?.tags ?? {}).flatMap(([tag, { pushedAt }]) => {
    const wouldBeListed = !full || Date.parse(pushedAt ?? '') > oldest;
    return wouldBeListed && !listed.has(tag) ? [tag] : [];
  });
}

function windowOf(newest: readonly ListedTag[], full: boolean): TagWindow {
  const kept = newest.slice(0, WINDOW);
  const floor = full || kept.length < newest.length ? kept.at(-1)?.pushedAt : undefined;
  const tags = kept.map(({ tag, ...held }) => [tag, held] as const);
  return { tags: Object.fromEntries(tags), ...(floor !== undefined && { floor }) };
}

/** A tag may be called `constructor`. */
function ownValue<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
