import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { attachedTo } from '../../../lib/image/attachments.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { parsePlatform } from '../../../lib/image/platform.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { SOURCE_ANNOTATION } from '../../../lib/import/chosen-root.ts';
import type { CopyRequest } from '../../../lib/import/copy-request.ts';
import { type CopyWork, planCopy } from '../../../lib/import/plan.ts';
import { NOTHING_THERE, type TargetState } from '../../../lib/import/target-state.ts';
import { entryOf, indexOfPlatforms, layeredImage, referrerOf } from '../../support/layered-image.ts';
import { allOf, graphOf, multi } from '../../support/source-graph.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x'];
const request: CopyRequest = { reference: '1.0', tag: '1.0', referrers: true };
const platform = (text: string) => parsePlatform(text)!;

function work(plan: ReturnType<typeof planCopy>): CopyWork {
  if (plan.kind !== 'copy') throw new Error(`the plan is ${plan.kind}: ${JSON.stringify(plan)}`);
  return plan;
}

const anImage = fc
  .record({
    platforms: fc.uniqueArray(fc.constantFrom(...PLATFORMS), { minLength: 1 }),
    sizes: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }),
  })
  .map(({ platforms, sizes }) =>
    indexOfPlatforms(Object.fromEntries(platforms.map(text => [text, layeredImage(text, sizes)]))),
  );

describe('a plan', () => {
  it('to an empty target has every blob once, the largest first, and each manifest after what it refers to', () => {
    fc.assert(
      fc.property(anImage, image => {
        const plan = work(planCopy(request, graphOf(image), NOTHING_THERE));
        const blobs = new Set(allOf(image).flatMap(piece => [...piece.blobs.keys()]));
        expect(new Set(plan.blobs.map(({ digest }) => digest))).toEqual(blobs);
        expect(plan.blobs).toHaveLength(blobs.size);
        const sizes = plan.blobs.map(({ size }) => size);
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
        expect(plan.bytes.total).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(plan.manifests.map(({ digest }) => digest)).toEqual(
          image.children.map(({ manifest }) => manifest.digest),
        );
        expect(plan.root).toEqual(image.manifest);
        expect(plan.tags).toEqual([{ tag: '1.0', manifest: image.manifest }]);
      }),
    );
  });

  it('has nothing of what the target has, and with all of it is no work at all', () => {
    fc.assert(
      fc.property(anImage, fc.infiniteStream(fc.boolean()), (image, coin) => {
        const whole = work(planCopy(request, graphOf(image), NOTHING_THERE));
        const pick = <T>(items: readonly T[]) => new Set(items.filter(() => coin.next().value));
        const blobs = pick(whole.blobs.map(({ digest }) => digest));
        const state: TargetState = { ...NOTHING_THERE, blobs };
        const plan = work(planCopy(request, graphOf(image), state));
        expect(plan.blobs.some(({ digest }) => blobs.has(digest))).toBe(false);
        expect(plan.bytes.had + plan.blobs.reduce((sum, { size }) => sum + size, 0)).toBe(whole.bytes.total);
        const full: TargetState = {
          ...NOTHING_THERE,
          blobs: new Set(whole.blobs.map(({ digest }) => digest)),
          manifests: new Set(allOf(image).map(({ manifest }) => manifest.digest)),
          tags: new Map([['1.0', image.manifest.digest]]),
        };
        expect(planCopy(request, graphOf(image), full).kind).toBe('unchanged');
      }),
    );
  });

  it('of some platforms makes an index of those that names its source, and leaves the others', () => {
    fc.assert(
      fc.property(anImage, fc.nat(), (image, seed) => {
        const there = readManifestContent(image.manifest);
        if (there.kind !== 'index') throw new Error('an index');
        const wanted = there.manifests
          .filter((_, at) => (seed >> at) % 2 === 1)
          .map(entry => entry.platform!);
        if (wanted.length === 0) return;
        const plan = work(planCopy({ ...request, platforms: wanted }, graphOf(image), NOTHING_THERE));
        const made = readManifestContent(plan.root);
        if (made.kind !== 'index') throw new Error('an index');
        expect(made.manifests.map(entry => entry.platform)).toEqual(wanted);
        const isWhole = wanted.length === there.manifests.length;
        expect(made.annotations[SOURCE_ANNOTATION]).toBe(isWhole ? undefined : image.manifest.digest);
        expect(plan.leftOut.filter(({ kind }) => kind === 'platform')).toHaveLength(
          there.manifests.length - wanted.length,
        );
      }),
    );
  });

  it('grows a smaller index of the same source, and makes one anew where the source is another', () => {
    const image = multi('linux/amd64', 'linux/arm64', 'linux/s390x');
    const graph = graphOf(image);
    const only = (text: string) => ({ ...request, platforms: [platform(text)] });
    const first = work(planCopy(only('linux/amd64'), graph, NOTHING_THERE));
    const current = { manifest: first.root, content: readManifestContent(first.root) };
    const entries = (plan: CopyWork) => {
      const content = readManifestContent(plan.root);
      return content.kind === 'index' ? content.manifests.map(entry => entry.platform?.architecture) : [];
    };
    const second = work(planCopy(only('linux/s390x'), graph, { ...NOTHING_THERE, current }));
    expect(entries(second)).toEqual(['amd64', 's390x']);
    const other = graphOf(multi('linux/amd64', 'linux/s390x'));
    expect(entries(work(planCopy(only('linux/s390x'), other, { ...NOTHING_THERE, current })))).toEqual([
      's390x',
    ]);
  });

  it('keeps an attestation with its image', () => {
    const [amd64, arm64] = [layeredImage('linux/amd64', [1]), layeredImage('linux/arm64', [2])];
    const attestation = layeredImage('linux/amd64', [3], {
      layers: [{ mediaType: 'application/vnd.in-toto+json', digest: amd64.manifest.digest, size: 3 }],
    });
    const link = {
      'vnd.docker.reference.digest': arm64.manifest.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    };
    const manifests = [
      { ...entryOf(amd64.manifest), platform: platform('linux/amd64') },
      { ...entryOf(arm64.manifest), platform: platform('linux/arm64') },
      {
        ...entryOf(attestation.manifest),
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: link,
      },
    ];
    const image = { ...indexOfPlatforms({}, { manifests }), children: [amd64, arm64, attestation] };
    const plan = work(
      planCopy({ ...request, platforms: [platform('linux/arm64')] }, graphOf(image), NOTHING_THERE),
    );
    const made = readManifestContent(plan.root);
    expect(made.kind === 'index' && made.manifests.map(entry => attachedTo(entry) ?? entry.digest)).toEqual([
      arm64.manifest.digest,
      arm64.manifest.digest,
    ]);
  });

  it('tags each platform too, the image itself last', () => {
    const image = multi('linux/amd64', 'linux/arm/v7');
    const plan = work(planCopy({ ...request, split: '{tag}-{arch}' }, graphOf(image), NOTHING_THERE));
    expect(plan.tags.map(({ tag }) => tag)).toEqual(['1.0-amd64', '1.0-armv7', '1.0']);
    expect(plan.tags.map(({ manifest }) => manifest)).toEqual([
      ...image.children.map(({ manifest }) => manifest),
      image.manifest,
    ]);
  });

  it.each([
    ['{arch}-{nonsense}', /\{nonsense\} is none of/],
    ['{tag}', /"1.0" would be the tag of/],
    ['{os}', /"linux" would be the tag of two platforms/],
    ['{tag}/{arch}', /would be no tag/],
  ])('is refused for the split %s', (split, why) => {
    const plan = planCopy({ ...request, split }, graphOf(multi('linux/amd64', 'linux/arm64')), NOTHING_THERE);
    expect(plan).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'bad-split', why: expect.stringMatching(why) },
    });
  });

  it('is refused for a platform that the source does not have, with those it has', () => {
    const asked = { ...request, platforms: [platform('linux/s390x')] };
    expect(planCopy(asked, graphOf(multi('linux/amd64')), NOTHING_THERE)).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'no-such-platform', there: [platform('linux/amd64')] },
    });
  });

  it('is refused for an index whose image is missing, unless that is not asked for', () => {
    const image = multi('linux/amd64', 'linux/arm64');
    const graph = graphOf(image);
    const [gone] = image.children.map(({ manifest }) => manifest.digest);
    const manifests = new Map([...graph.manifests].filter(([digest]) => digest !== gone));
    const holed = { ...graph, manifests, missing: new Map([[gone!, 'the source does not have it']]) };
    expect(planCopy(request, holed, NOTHING_THERE)).toMatchObject({
      refusal: { reason: 'incomplete-source', digest: gone, why: 'the source does not have it' },
    });
    const other = { ...request, platforms: [platform('linux/arm64')] };
    expect(planCopy(other, holed, NOTHING_THERE).kind).toBe('copy');
  });

  it('leaves foreign layers to their addresses', () => {
    const digest: Digest = `sha256:${'e'.repeat(64)}`;
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest,
      size: 5,
      urls: ['https://far.example/layer'],
    };
    const image = layeredImage('windows/amd64', [], { layers: [foreign] });
    const plan = work(planCopy(request, graphOf(image), NOTHING_THERE));
    expect(plan.blobs.map(({ digest: blob }) => blob)).not.toContain(digest);
    expect(plan.leftOut).toEqual([{ kind: 'foreign-layer', digest, size: 5, urls: foreign.urls }]);
  });

  it('takes referrers along, those of referrers too, and leaves those of an index that is not copied whole', () => {
    const image = multi('linux/amd64', 'linux/arm64');
    const ofIndex = referrerOf(image.manifest, 'example/signature', 'index');
    const ofImage = referrerOf(image.children[0]!.manifest, 'example/signature', 'image');
    const ofReferrer = referrerOf(ofImage.manifest, 'example/signature', 'signature');
    const graph = graphOf(image, ofReferrer, ofIndex, ofImage);
    const digests = (plan: CopyWork) => plan.referrers.map(({ digest }) => digest);
    expect(new Set(digests(work(planCopy(request, graph, NOTHING_THERE))))).toEqual(
      new Set([ofIndex, ofImage, ofReferrer].map(({ manifest }) => manifest.digest)),
    );
    const part = work(planCopy({ ...request, platforms: [platform('linux/amd64')] }, graph, NOTHING_THERE));
    expect(digests(part)).toEqual([ofImage.manifest.digest, ofReferrer.manifest.digest]);
    expect(part.leftOut).toContainEqual({
      kind: 'referrer',
      digest: ofIndex.manifest.digest,
      artifactType: 'example/signature',
    });
  });

  it('goes on with blobs that were begun, and counts what is there of them', () => {
    const image = layeredImage('linux/amd64', [100]);
    const [config, layer] = [...image.blobs.keys()] as [Digest, Digest];
    const uploads = new Map([[layer, { upload: 'there', offset: 60, done: false }]]);
    const plan = work(
      planCopy(request, graphOf(image), { ...NOTHING_THERE, uploads, blobs: new Set([config]) }),
    );
    expect(plan.blobs).toMatchObject([{ digest: layer, at: { upload: 'there', offset: 60 } }]);
    expect(plan.bytes.had).toBe(image.blobs.get(config)!.length + 60);
  });
});
