import { formatPlatform } from '../image/platform.ts';
import type { Rule } from '../rules/rule.ts';
import type { MemberImage } from './observation.ts';
import type { PlatformBuild } from './reasons.ts';

export type SameBuild =
  | { readonly same: true; readonly labelled: boolean; readonly revision?: string }
  | { readonly same: false; readonly builds: readonly PlatformBuild[] };

/**
 * Whether images carry the same values of the labels that tell a build.
 *
 * Absent is a value: an image without a label next to one with it is another build, or a half rebuilt tag would pass
 * for a whole one. `lenient` lets an image without the label join; `off` asks nothing.
 */
export function sameBuild(
  { sameBuild: { labels, mode } }: Pick<Rule, 'sameBuild'>,
  images: readonly { readonly image: MemberImage }[],
): SameBuild {
  const revision = images
    .map(({ image }) => image.labels[labels[0] ?? ''])
    .find(value => value !== undefined);
  const shown = revision === undefined ? {} : { revision };
  if (mode === 'off') return { same: true, labelled: false, ...shown };
  let labelled = false;
  for (const label of labels) {
    const values = images.map(({ image }) => image.labels[label]);
    const told = values.filter(value => value !== undefined);
    if (told.length > 0) labelled = true;
    const distinct = new Set(mode === 'lenient' ? told : values);
    if (distinct.size > 1) return { same: false, builds: buildsBy(label, images) };
  }
  return { same: true, labelled, ...shown };
}

function buildsBy(
  label: string,
  images: readonly { readonly image: MemberImage }[],
): readonly PlatformBuild[] {
  return images.map(({ image }) => ({
    platform: formatPlatform(image.descriptor.platform),
    build: image.labels[label],
  }));
}
