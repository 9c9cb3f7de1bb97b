import { osVersionSpellings, spellingsOf } from '../image/architectures.ts';
import { isTag } from '../image/names.ts';
import type { Platform } from '../image/platform.ts';

export type SplitTags =
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  | { readonly kind: 'wrong'; readonly reason: string };

/**
 * The tag of each platform's image by a template such as `{tag}-{arch}`, in the platforms' order. Besides these two
 * it may have `{os}` and `{osversion}`. Wrong where one would be no tag, or two the same.
 */
export function splitTags(template: string, tag: string, platforms: readonly Platform[]): SplitTags {
  const unknown = /\{(?!(?:tag|arch|os|osversion)\})[^}]*\}?/.exec(template)?.[0];
  if (unknown !== undefined) {
    return wrong(`${unknown} is none of {tag}, {arch}, {os} and {osversion}`);
  }
  const tags = platforms.map(platform => fill(template, tag, platform));
  const bad = tags.find(one => !isTag(one));
  if (bad !== undefined) return wrong(`"${bad}" would be no tag`);
  const twice = tags.find((one, at) => tags.indexOf(one) !== at || one === tag);
  if (twice === undefined) return { kind: 'tags', tags };
  const who = twice === tag ? 'the image itself' : 'two platforms';
  return wrong(`"${twice}" would be the tag of ${who}`);
}

function fill(template: string, tag: string, platform: Platform): string {
  const arch = spellingsOf(platform)[0] ?? `${platform.architecture}${platform.variant ?? ''}`;
  const version = platform['os.version'] ?? '';
  const values: Readonly<Record<string, string>> = {
    tag,
    arch,
    os: platform.os,
    osversion: osVersionSpellings(version)[0] ?? version,
  };
  return template.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => values[name] ?? '');
}

function wrong(reason: string): SplitTags {
  return { kind: 'wrong', reason };
}
