import { type Digest, digestOf } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../lib/image/media-types.ts';
import { NUMBER_LABEL } from './scenario.ts';

/** What the simulation knows of an image because it made it; nothing is read back from its bytes. */
export interface ImageFacts {
  readonly architecture: string;
  /** The label that tells the build, where there is one. */
  readonly revision?: string;
  /** The label that orders builds, where the scenario has one. */
  readonly number?: string;
  /** Makes two images of one build and architecture different. */
  readonly serial: number;
}

export interface Image extends ImageFacts {
  readonly manifest: Manifest;
}

const REVISION = 'org.opencontainers.image.revision';

const made = new Map<string, Image>();
const images = new Map<Digest, Image>();
const blobs = new Map<Digest, Uint8Array>();
const manifests = new Map<Digest, Manifest>();

/** The image of these facts: a real manifest and config, the same bytes each time. */
export function imageOf(facts: ImageFacts): Image {
  const key = `${facts.architecture} ${facts.revision ?? ''} ${facts.number ?? ''} ${facts.serial}`;
  const known = made.get(key);
  if (known) return known;
  const config = encode({
    os: 'linux',
    architecture: facts.architecture,
    ...(facts.architecture === 'arm' ? { variant: 'v7' } : {}),
    config: {
      Labels: {
        ...(facts.revision === undefined ? {} : { [REVISION]: facts.revision }),
        ...(facts.number === undefined ? {} : { [NUMBER_LABEL]: facts.number }),
      },
    },
    serial: facts.serial,
  });
  const digest = digestOf(config);
  blobs.set(digest, config);
  const manifest = keep(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest, size: config.length },
      layers: [],
    },
    OCI_MANIFEST,
  );
  const image = { ...facts, manifest };
  made.set(key, image);
  images.set(manifest.digest, image);
  return image;
}

export function imageWith(digest: Digest): Image | undefined {
  return images.get(digest);
}

export function blobWith(digest: Digest): Uint8Array | undefined {
  return blobs.get(digest);
}

/** The bytes that any digest of any simulation stands for; whether a registry holds them is the registry's state. */
export function contentOf(digest: Digest): Manifest | undefined {
  return manifests.get(digest);
}

export function keepContent(manifest: Manifest): Manifest {
  manifests.set(manifest.digest, manifest);
  return manifest;
}

/** An index as somebody else would write it: no annotation of ours, one child. */
export function strangersIndex(child: Image): Manifest {
  const { digest, mediaType, bytes } = child.manifest;
  const platform = { os: 'linux', architecture: child.architecture };
  return keep(
    {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ mediaType, digest, size: bytes.length, platform }],
    },
    OCI_INDEX,
  );
}

/** The same index in other bytes, as another version might have written it. */
export function reformatted(index: Manifest): Manifest {
  const content = JSON.parse(new TextDecoder().decode(index.bytes));
  const annotations = { ...content.annotations, 'org.example.formatter': 'another' };
  return keep(
    { manifests: content.manifests, annotations, mediaType: OCI_INDEX, schemaVersion: 2 },
    OCI_INDEX,
  );
}

export interface IndexFacts {
  readonly children: readonly Digest[];
  /** The captures in our annotation, undefined where it is not there. */
  readonly captures?: Readonly<Record<string, string>>;
}

const indexFacts = new Map<Digest, IndexFacts | undefined>();

/** What the bytes of an index say, read on its own; undefined for anything that is no index. */
export function indexFactsOf(digest: Digest): IndexFacts | undefined {
  if (indexFacts.has(digest)) return indexFacts.get(digest);
  const facts = readIndex(digest);
  indexFacts.set(digest, facts);
  return facts;
}

function readIndex(digest: Digest): IndexFacts | undefined {
  const manifest = manifests.get(digest);
  if (manifest?.mediaType !== OCI_INDEX) return undefined;
  const content = JSON.parse(new TextDecoder().decode(manifest.bytes));
  const annotation = content.annotations?.['dev.archweave.build'];
  return {
    children: content.manifests.map((child: { digest: Digest }) => child.digest),
    ...(annotation === undefined ? {} : { captures: JSON.parse(annotation).captures }),
  };
}

/** A short name that says what a digest is, for traces. */
export function nameOf(digest: Digest | undefined): string {
  if (digest === undefined) return 'nothing';
  const image = images.get(digest);
  if (image) return `${image.architecture}/${image.revision ?? 'unlabelled'}#${image.serial}`;
  const index = indexFactsOf(digest);
  if (!index) return digest.slice(0, 15);
  const captures = index.captures && Object.values(index.captures).join('-');
  const whose =
    captures === undefined ? "stranger's index" : captures === '' ? 'index' : `index of ${captures}`;
  return `${whose} [${index.children.map(nameOf).join(' ')}]`;
}

function keep(value: unknown, mediaType: string): Manifest {
  const bytes = encode(value);
  return keepContent({ bytes, digest: digestOf(bytes), mediaType });
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
