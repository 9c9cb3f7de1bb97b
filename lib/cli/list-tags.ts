import { isRunnable } from '../image/attachments.ts';
import { readImageConfig } from '../image/image-config.ts';
import type { Manifest, ManifestContent } from '../image/manifest.ts';
import type { Platform } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { BlobReader, ManifestReader, TagEntry, TagLister } from '../registry/interfaces.ts';
import { matchesGlob } from '../rules/glob.ts';

export interface ListedTag {
  readonly tag: string;
  readonly kind: ManifestContent['kind'] | 'unreadable';
  /** `-` where the manifest cannot be read. */
  readonly digest: string;
  readonly mediaType: string | null;
  readonly platforms: readonly Platform[];
  readonly pushedAt?: string;
}

export interface TagListing {
  readonly tags: readonly ListedTag[];
  /** Every tag there is, whatever was asked for: what belongs together is told by all of them. */
  readonly all: readonly string[];
}

type Reader = TagLister & ManifestReader & Pick<BlobReader, 'readBlobs'>;

/** The tags of a repository with what they hold. A tag that goes away meanwhile is left out. */
export async function listTags(
  registry: Reader,
  repository: string,
  { signal, glob }: { readonly signal: AbortSignal; readonly glob: string | undefined },
): Promise<TagListing> {
  const entries: TagEntry[] = [];
  for await (const page of registry.listTags(repository, { signal })) entries.push(...page);
  const asked = entries.filter(({ tag }) => glob === undefined || matchesGlob(glob, tag));
  const names = asked.map(({ tag }) => tag);
  const readings = await registry.readManifests(repository, names, { signal });
  const contents = new Map<string, ManifestContent | undefined>();
  for (const [tag, reading] of readings) {
    if (reading.kind === 'found') contents.set(tag, tryReadContent(reading.manifest));
  }
  const platforms = await imagePlatforms(registry, repository, [...contents.values()], signal);
  const tags = asked.flatMap(({ tag, pushedAt }): readonly ListedTag[] => {
    const reading = readings.get(tag);
    if (reading === undefined || reading.kind === 'absent') return [];
    const content = contents.get(tag);
    const pushed = reading.kind === 'found' ? (reading.pushedAt ?? pushedAt) : pushedAt;
    return [
      {
        tag,
        kind: content?.kind ?? 'unreadable',
        digest: reading.kind === 'found' ? reading.manifest.digest : '-',
        mediaType: reading.kind === 'found' ? reading.manifest.mediaType : null,
        platforms: content === undefined ? [] : platformsOf(content, platforms),
        ...(pushed === undefined ? {} : { pushedAt: pushed }),
      },
    ];
  });
  return { tags, all: entries.map(({ tag }) => tag) };
}

/** What images say in their configs, by the config's digest; one read for each config, however many tags it has. */
async function imagePlatforms(
  registry: Reader,
  repository: string,
  contents: readonly (ManifestContent | undefined)[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Platform>> {
  const configs = contents.flatMap(content => (content?.kind === 'image' ? [content.config.digest] : []));
  const blobs = await registry.readBlobs(repository, [...new Set(configs)], { signal });
  const platforms = new Map<string, Platform>();
  for (const [digest, blob] of blobs) {
    if (blob.kind !== 'found') continue;
    try {
      platforms.set(digest, readImageConfig(blob.bytes).platform);
    } catch {
      // An image whose config says nothing has no platform to show; `inspect` tells more.
    }
  }
  return platforms;
}

function platformsOf(
  content: ManifestContent,
  ofConfigs: ReadonlyMap<string, Platform>,
): readonly Platform[] {
  if (content.kind === 'index') {
    return content.manifests.filter(isRunnable).flatMap(({ platform }) => platform ?? []);
  }
  const platform = content.kind === 'image' ? ofConfigs.get(content.config.digest) : undefined;
  return platform === undefined ? [] : [platform];
}

function tryReadContent(manifest: Manifest): ManifestContent | undefined {
  try {
    return readManifestContent(manifest);
  } catch {
    return undefined;
  }
}
