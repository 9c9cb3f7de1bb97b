import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type DockerRegistry, dockerRegistry } from '../support/e2e-docker-registry.ts';
import {
  type Content,
  describeContent,
  type Entry,
  pushContent,
  type SamplePlatform,
  sampleAttestation,
  sampleImage,
  sampleIndex,
  sha256,
  TYPES,
} from '../support/e2e-images.ts';
import { archweave, run, temporaryFolder, using } from '../support/e2e-run.ts';
import { describeWith, tool } from '../support/tools.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };
const ARM64V8 = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const PPC64LE = { os: 'linux', architecture: 'ppc64le' };
const WINDOWS_2019 = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.1697' };
const WINDOWS_2022 = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.169' };

const entry = (image: Content, platform: Entry['platform']): Entry => ({
  ...describeContent(image),
  platform: platform!,
});

/** A single platform as `buildx` pushes it: an index of the image and its provenance. */
function buildxIndex(image: Content, platform: SamplePlatform, form: 'old' | 'new') {
  const attestation = sampleAttestation(image, form);
  const index = sampleIndex([entry(image, platform), attestation.entry], [image, attestation.content]);
  return { index, attestation };
}

describeWith(['docker-registry', 'crane'], 'the index of real shapes, entry by entry', () => {
  const folder = temporaryFolder('shapes');
  let registry: DockerRegistry;
  beforeAll(async () => {
    registry = await dockerRegistry({ folder: folder.path });
  });
  afterAll(async () => {
    await registry?.stop();
    folder.remove();
  });

  /** Pushes the members, joins them, and answers the index that the registry then has. */
  async function join(repository: string, members: Readonly<Record<string, Content>>, ...args: string[]) {
    for (const [tag, content] of Object.entries(members)) {
      await pushContent(registry.host, repository, tag, content);
    }
    const target = `${registry.host}/${repository}:joined`;
    const made = await archweave(['create', target, ...Object.keys(members).map(tag => `:${tag}`), ...args]);
    expect({ rc: made.rc, err: made.err }).toMatchObject({ rc: 0 });
    const { bytes } = await run(tool('crane'), ['manifest', target]);
    expect(made.out.trim()).toBe(`${registry.host}/${repository}@${sha256(bytes)}`);
    return JSON.parse(bytes.toString('utf8'));
  }

  it('joins images of the Docker type to a Docker manifest list', async () => {
    const amd64 = sampleImage(AMD64, { docker: true });
    const arm64 = sampleImage(ARM64V8, { docker: true });
    const index = await join('docker', { amd64: amd64, arm64: arm64 });
    expect(index).toEqual({
      schemaVersion: 2,
      mediaType: TYPES.dockerList,
      manifests: [entry(amd64, AMD64), entry(arm64, ARM64V8)],
    });
    await using('crane', ['validate', '--remote', `${registry.host}/docker:joined`]);
  });

  it('joins images of the OCI type, or of both types, to an OCI index', async () => {
    const amd64 = sampleImage(AMD64);
    const arm64 = sampleImage(ARM64V8, { docker: true });
    const ppc64le = sampleImage(PPC64LE);
    const index = await join('oci', { amd64, arm64, ppc64le });
    expect(index.mediaType).toBe(TYPES.ociIndex);
    expect(index.manifests).toEqual([entry(amd64, AMD64), entry(arm64, ARM64V8), entry(ppc64le, PPC64LE)]);
    await using('crane', ['validate', '--remote', `${registry.host}/oci:joined`]);
  });

  it('writes the build on the index where all members are of one', async () => {
    const amd64 = sampleImage(AMD64, { build: '9f3c1e2' });
    const arm64 = sampleImage(ARM64, { build: '9f3c1e2' });
    const index = await join('labelled', { amd64, arm64 });
    expect(index.manifests).toEqual([entry(amd64, AMD64), entry(arm64, ARM64)]);
    expect(index.annotations).toMatchObject({ 'org.opencontainers.image.revision': '9f3c1e2' });
  });

  it('flattens members that are indexes with provenance, in the old form and in the new', async () => {
    const amd64 = sampleImage(AMD64);
    const arm64 = sampleImage(ARM64);
    const old = buildxIndex(amd64, AMD64, 'old');
    const recent = buildxIndex(arm64, ARM64, 'new');
    const index = await join('buildx', { amd64: old.index, arm64: recent.index });
    expect(index.mediaType).toBe(TYPES.ociIndex);
    expect(index.manifests).toEqual([
      entry(amd64, AMD64),
      entry(arm64, ARM64),
      old.attestation.entry,
      recent.attestation.entry,
    ]);
    const image = ['digest', '--platform', 'linux/arm64', `${registry.host}/buildx:joined`];
    expect(await using('crane', image)).toBe(arm64.digest);
  });

  it('flattens an index inside an index, with what is attached deep in it', async () => {
    const amd64 = sampleImage(AMD64);
    const arm64 = sampleImage(ARM64);
    const inner = buildxIndex(arm64, ARM64, 'old');
    const outer = sampleIndex([describeContent(inner.index)], [inner.index]);
    const index = await join('nested', { amd64, arm64: outer });
    expect(index.manifests).toEqual([entry(amd64, AMD64), entry(arm64, ARM64), inner.attestation.entry]);
  });

  it('takes the entries of an index that crane made for images, whatever artifactType it gives them', async () => {
    const amd64 = sampleImage(AMD64);
    const arm64 = sampleImage(ARM64);
    await pushContent(registry.host, 'crane', 'only-arm64', arm64);
    const made = `${registry.host}/crane:1-arm64`;
    await using('crane', ['index', 'append', '-t', made, '-m', `${registry.host}/crane:only-arm64`]);
    await pushContent(registry.host, 'crane', '1-amd64', amd64);
    const target = `${registry.host}/crane:1`;
    expect(await archweave(['create', target, ':1-amd64', ':1-arm64'])).toMatchObject({ rc: 0 });
    const { manifests } = JSON.parse(await using('crane', ['manifest', target]));
    expect(manifests).toEqual([
      expect.objectContaining(entry(amd64, AMD64)),
      expect.objectContaining(entry(arm64, ARM64)),
    ]);
  });

  it('tells Windows versions apart by os.version', async () => {
    const linux = sampleImage(AMD64);
    const older = sampleImage(WINDOWS_2019);
    const newer = sampleImage(WINDOWS_2022);
    const members = { 'linux-amd64': linux, 'windowsltsc2019-amd64': older, 'windowsltsc2022-amd64': newer };
    const index = await join('windows', members);
    expect(index.manifests).toEqual([
      entry(linux, AMD64),
      entry(older, WINDOWS_2019),
      entry(newer, WINDOWS_2022),
    ]);
  });

  it("keeps an entry's platform as it was written, features too", async () => {
    const amd64 = sampleImage(AMD64, { docker: true });
    const written = { ...AMD64, features: ['sse4'] };
    const list = sampleIndex([entry(amd64, written)], [amd64], TYPES.dockerList);
    const ppc64le = sampleImage(PPC64LE, { docker: true });
    const index = await join('features', { amd64: list, ppc64le });
    expect(index).toEqual({
      schemaVersion: 2,
      mediaType: TYPES.dockerList,
      manifests: [entry(amd64, written), entry(ppc64le, PPC64LE)],
    });
  });

  it('holds two different images for one platform, however it is spelt', async () => {
    const one = sampleImage(ARM64, { text: 'one' });
    const other = sampleImage(ARM64V8, { text: 'other' });
    await pushContent(registry.host, 'twice', '1-arm64', one);
    await pushContent(registry.host, 'twice', '1-aarch64', other);
    const made = await archweave(['create', `${registry.host}/twice:1`, ':1-arm64', ':1-aarch64']);
    expect(made).toMatchObject({ rc: 4, out: '' });
    expect(made.err).toContain('[duplicate-platform]');
  });
});
