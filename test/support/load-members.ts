import { type Digest, digestOf } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../lib/image/media-types.ts';
import { readManifestContent } from '../../lib/image/read-manifest.ts';
import type { MemoryRegistry } from '../../lib/registry/memory.ts';

/** A build of two architectures, and what its index has to hold. */
export interface LoadGroup {
  readonly repository: string;
  readonly target: string;
  readonly members: readonly { readonly tag: string; readonly manifest: Manifest }[];
}

const ARCHITECTURES = ['amd64', 'arm64'];
/** ECR takes 100,000 images in a repository. */
const GROUPS_IN_A_REPOSITORY = 1_000;

/** Pushes both images of so many builds, each image with a config of its own. */
export async function pushGroups(registry: MemoryRegistry, groups: number): Promise<readonly LoadGroup[]> {
  const pushed: LoadGroup[] = [];
  for (let group = 0; group < groups; group++) {
    const repository = `team/app-${Math.floor(group / GROUPS_IN_A_REPOSITORY)}`;
    const target = `1.${group}.0`;
    const members = [];
    for (const architecture of ARCHITECTURES) {
      const tag = `${target}-${architecture}`;
      const manifest = await storeImage(registry, repository, { architecture, group });
      await registry.writeManifest(repository, tag, manifest);
      members.push({ tag, manifest });
    }
    pushed.push({ repository, target, members });
  }
  return pushed;
}

/** Targets that do not hold an index of exactly their members, in the order of the rule. */
export async function wrongTargets(
  registry: MemoryRegistry,
  groups: readonly LoadGroup[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { repository, target, members } of groups) {
    const reading = (await registry.readManifests(repository, [target])).get(target);
    const content = reading?.kind === 'found' ? readManifestContent(reading.manifest) : undefined;
    const children: readonly Digest[] =
      content?.kind === 'index' ? content.manifests.map(({ digest }) => digest) : [];
    const wanted = members.map(({ manifest }) => manifest.digest);
    if (children.join() !== wanted.join()) wrong.push(`${repository}:${target}`);
  }
  return wrong;
}

async function storeImage(
  registry: MemoryRegistry,
  repository: string,
  { architecture, group }: { readonly architecture: string; readonly group: number },
): Promise<Manifest> {
  const Labels = { 'org.opencontainers.image.revision': `commit-${group}` };
  const config = encode({ os: 'linux', architecture, config: { Labels } });
  const digest = digestOf(config);
  await registry.writeBlob(repository, { digest, size: config.length }, async function* () {
    yield config;
  });
  const bytes = encode({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest, size: config.length },
    layers: [],
  });
  return { bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
