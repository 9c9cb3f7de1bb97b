import { type Decision, decide } from '../../lib/assembly/decide.ts';
import type { Member, MemberImage, Target } from '../../lib/assembly/observation.ts';
import { resolve } from '../../lib/assembly/resolve.ts';
import { digestOf } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import { meaningOf } from '../../lib/image/meaning.ts';
import { OCI_MANIFEST } from '../../lib/image/media-types.ts';
import { readManifestContent } from '../../lib/image/read-manifest.ts';
import { builtInRule } from '../../lib/rules/built-in.ts';

const rule = builtInRule('registry.example');
const REVISION = 'org.opencontainers.image.revision';

/**
 * Decisions a second, from what was observed to what is to be done, over groups of each usual kind: one to
 * write, one that is right already, one that waits for a platform and one whose halves are of two builds.
 */
export function benchDecide(milliseconds = 2000): number {
  const whole = [member('amd64', 'a'), member('arm64', 'a')];
  const written = judge(whole, absent());
  if (written.kind !== 'publish') throw new Error(`expected an index to write, not ${written.kind}`);
  const groups: readonly [Decision['kind'], readonly Member[], Target][] = [
    ['publish', whole, absent()],
    ['unchanged', whole, holding(written.manifest)],
    ['waiting', [member('amd64', 'a')], absent()],
    ['waiting', [member('amd64', 'a'), member('arm64', 'b')], holding(written.manifest)],
  ];
  for (const [kind, members, target] of groups) {
    const decision = judge(members, target);
    if (decision.kind !== kind) throw new Error(`expected ${kind}, not ${JSON.stringify(decision)}`);
  }
  let decisions = 0;
  const began = performance.now();
  while (performance.now() - began < milliseconds) {
    for (let round = 0; round < 100; round += 1) {
      for (const [, members, target] of groups) judge(members, target);
    }
    decisions += 100 * groups.length;
  }
  return (decisions / (performance.now() - began)) * 1000;
}

function judge(members: readonly Member[], target: Target): Decision {
  const now = 1_795_000_000_000;
  const resolution = resolve(rule, members, now);
  const build = { captures: {} };
  return decide({ rule, repository: 'app', target, resolution, build, now, source: 'event' });
}

function member(architecture: string, build: string): Member {
  const digest = digestOf(Buffer.from(architecture + build));
  const image: MemberImage = {
    descriptor: { mediaType: OCI_MANIFEST, digest, size: 528, platform: { os: 'linux', architecture } },
    labels: { [REVISION]: build },
    annotations: {},
    attached: [],
  };
  return {
    tag: `1.0-${architecture}`,
    claim: { architecture },
    platforms: rule.platforms.filter(platform => platform.architecture === architecture),
    state: { kind: 'present', digest, images: [image] },
  };
}

function absent(): Target {
  return { tag: '1.0', shared: false, state: { kind: 'absent' }, immutable: false, rivals: [] };
}

function holding(manifest: Manifest): Target {
  const content = readManifestContent(manifest);
  if (content.kind !== 'index') throw new Error('expected an index');
  return {
    ...absent(),
    state: {
      kind: 'own',
      digest: manifest.digest,
      meaning: meaningOf(content),
      children: content.manifests,
      build: { captures: {} },
    },
  };
}
