import { gzipSync } from 'node:zlib';
import type { Descriptor } from '../image/descriptor.ts';
import { type Digest, digestOf } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { DOCKER_CONFIG, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../image/media-types.ts';
import type { Platform } from '../image/platform.ts';
import { tarOf } from './sample-tar.ts';

const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const IN_TOTO = 'application/vnd.in-toto+json';

/** The same for all, so that the same image is the same bytes. */
const CREATED = '2026-01-01T00:00:00Z';

export interface SampleOptions {
  readonly platform: Platform;
  /** What the one file in it says. */
  readonly text: string;
  /** The label org.opencontainers.image.revision. */
  readonly build?: string;
  readonly docker?: boolean;
}

/** A manifest and what has to be in the registry before it. */
export interface Sample {
  readonly manifest: Manifest;
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
  readonly children: readonly Sample[];
}

/** A small image that is real: a client can pull it. The same options make the same bytes. */
export function sampleImage({ platform, text, build, docker = false }: SampleOptions): Sample {
  const tar = tarOf({ 'hello.txt': `${text}\n` });
  const layer = gzipSync(tar);
  const config = toBytes({
    created: CREATED,
    ...platform,
    config: {
      Cmd: ['/hello.txt'],
      ...(build === undefined ? {} : { Labels: { 'org.opencontainers.image.revision': build } }),
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created: CREATED, created_by: 'archweave demo' }],
  });
  const mediaType = docker ? DOCKER_MANIFEST : OCI_MANIFEST;
  return {
    manifest: toManifest(mediaType, {
      schemaVersion: 2,
      mediaType,
      config: describe(docker ? DOCKER_CONFIG : OCI_CONFIG, config),
      layers: [describe(docker ? DOCKER_LAYER : OCI_LAYER, layer)],
    }),
    blobs: [config, layer].map(bytes => ({ digest: digestOf(bytes), bytes })),
    children: [],
  };
}

/** The index that buildx makes of one image: the image, and beside it an attestation of how it was made. */
export function attestedSample(image: Sample, platform: Platform): Sample {
  const subject = image.manifest;
  const predicateType = 'https://slsa.dev/provenance/v0.2';
  const statement = toBytes({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: 'sample', digest: { sha256: subject.digest.slice('sha256:'.length) } }],
    predicate: { builder: { id: '' }, buildType: 'https://mobyproject.org/buildkit@v1' },
  });
  const config = toBytes({
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    // BuildKit lists the statement; crane counts only real layers and calls that a mismatch.
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const annotations = { 'in-toto.io/predicate-type': predicateType };
  const attestation = toManifest(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: describe(OCI_CONFIG, config),
    layers: [{ ...describe(IN_TOTO, statement), annotations }],
  });
  const index = toManifest(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      { ...describe(subject.mediaType, subject.bytes), platform },
      {
        ...describe(OCI_MANIFEST, attestation.bytes),
        annotations: {
          'vnd.docker.reference.digest': subject.digest,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: { architecture: 'unknown', os: 'unknown' },
      },
    ],
  });
  const blobs = [config, statement].map(bytes => ({ digest: digestOf(bytes), bytes }));
  return { manifest: index, blobs: [], children: [image, { manifest: attestation, blobs, children: [] }] };
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

function toManifest(mediaType: string, content: object): Manifest {
  const bytes = toBytes(content);
  return { bytes, digest: digestOf(bytes), mediaType };
}

function toBytes(content: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(content));
}
