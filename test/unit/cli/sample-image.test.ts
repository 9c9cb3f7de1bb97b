import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { pushSample } from '../../../lib/cli/push-sample.ts';
import { attestedSample, type Sample, sampleImage } from '../../../lib/cli/sample-image.ts';
import { tarOf } from '../../../lib/cli/sample-tar.ts';
import { attachedTo, isRunnable } from '../../../lib/image/attachments.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { readImageConfig } from '../../../lib/image/image-config.ts';
import { DOCKER_MANIFEST, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';

const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };

function imageOf(sample: Sample) {
  const content = readManifestContent(sample.manifest);
  if (content.kind !== 'image') throw new Error(content.kind);
  const blob = (digest: string) => sample.blobs.find(one => one.digest === digest)!.bytes;
  return { content, config: blob(content.config.digest), layer: blob(content.layers[0]!.digest) };
}

describe('sampleImage', () => {
  it('is an image whose config, layer and manifest agree', () => {
    const { content, config, layer } = imageOf(sampleImage({ platform, text: 'hello', build: '9f3c1e2' }));
    expect(readImageConfig(config)).toEqual({
      platform,
      created: '2026-01-01T00:00:00Z',
      labels: { 'org.opencontainers.image.revision': '9f3c1e2' },
    });
    expect(content.config.size).toBe(config.byteLength);
    const { rootfs } = JSON.parse(Buffer.from(config).toString());
    expect(rootfs.diff_ids).toEqual([digestOf(gunzipSync(layer))]);
    expect(gunzipSync(layer).toString('latin1')).toContain('hello\n');
  });

  it('is the same bytes each time, and others for another build, text or platform', () => {
    const digest = (more: object = {}) => sampleImage({ platform, text: 'hello', ...more }).manifest.digest;
    expect(digest()).toBe(digest());
    const others = [digest(), digest({ build: 'b' }), digest({ text: 'x' }), digest({ docker: true })];
    expect(new Set([...others, digest({ platform: { os: 'linux', architecture: 'amd64' } })]).size).toBe(5);
  });

  it('has no label where no build is said, and Docker types where they are asked for', () => {
    const { config } = imageOf(sampleImage({ platform, text: '' }));
    expect(readImageConfig(config).labels).toEqual({});
    expect(sampleImage({ platform, text: '', docker: true }).manifest.mediaType).toBe(DOCKER_MANIFEST);
    expect(sampleImage({ platform, text: '' }).manifest.mediaType).toBe(OCI_MANIFEST);
  });

  it('with an attestation is an index of the image and what is attested of it', () => {
    const image = sampleImage({ platform, text: 'hello' });
    const content = readManifestContent(attestedSample(image, platform).manifest);
    if (content.kind !== 'index') throw new Error(content.kind);
    const [entry, attestation] = content.manifests;
    expect([entry!.digest, entry!.platform, isRunnable(entry!)]).toEqual([
      image.manifest.digest,
      platform,
      true,
    ]);
    expect([attachedTo(attestation!), isRunnable(attestation!)]).toEqual([image.manifest.digest, false]);
  });

  it('can be pushed leaves first to a registry that refuses what it cannot follow', async () => {
    const registry = new MemoryRegistry();
    const sample = attestedSample(sampleImage({ platform, text: 'hello' }), platform);
    await pushSample(registry, 'app', '1.0-armv7', sample);
    const reading = (await registry.readManifests('app', ['1.0-armv7'])).get('1.0-armv7');
    expect(reading).toMatchObject({ kind: 'found', manifest: { digest: sample.manifest.digest } });
  });
});

describe('tarOf', () => {
  it('pads to whole blocks and writes the checksum that readers want', () => {
    const tar = Buffer.from(tarOf({ a: 'x'.repeat(513), b: '' }));
    expect(tar.length % 512).toBe(0);
    const header = Buffer.from(tar.subarray(0, 512));
    const checksum = Number.parseInt(header.toString('latin1', 148, 154), 8);
    header.fill(' ', 148, 156);
    expect(checksum).toBe(header.reduce((sum, byte) => sum + byte, 0));
    expect(header.toString('latin1', 257, 262)).toBe('ustar');
  });
});
