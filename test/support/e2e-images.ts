import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * Images and indexes made by hand, byte for byte, and pushed with plain requests: what the tests compare with must
 * not come from the code that they test.
 */
export const TYPES = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  inToto: 'application/vnd.in-toto+json',
} as const;

export interface Content {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
  /** What must be there before it: blobs and manifests. */
  readonly blobs: readonly Content[];
  readonly children: readonly Content[];
}

export interface SamplePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

export interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: SamplePlatform & { readonly features?: readonly string[] };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

export const sha256 = (bytes: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export function content(mediaType: string, bytes: Buffer | object, more: Partial<Content> = {}): Content {
  const body = Buffer.isBuffer(bytes) ? bytes : Buffer.from(JSON.stringify(bytes));
  return { mediaType, bytes: body, digest: sha256(body), blobs: [], children: [], ...more };
}

export const describeContent = (of: Content): { mediaType: string; digest: string; size: number } => ({
  mediaType: of.mediaType,
  digest: of.digest,
  size: of.bytes.length,
});

export interface SampleOptions {
  readonly docker?: boolean;
  /** The label org.opencontainers.image.revision. */
  readonly build?: string;
  /** Makes an image that differs in nothing but its content. */
  readonly text?: string;
}

/** An image with one small layer. */
export function sampleImage(platform: SamplePlatform, options: SampleOptions = {}): Content {
  const { docker = false, build, text = '' } = options;
  const layer = content(docker ? TYPES.dockerLayer : TYPES.ociLayer, gzipSync(tarOf('hello', `${text}\n`)));
  const config = content(docker ? TYPES.dockerConfig : TYPES.ociConfig, {
    created: '2026-11-22T10:00:00Z',
    ...platform,
    config: build === undefined ? {} : { Labels: { 'org.opencontainers.image.revision': build } },
    rootfs: { type: 'layers', diff_ids: [sha256(tarOf('hello', `${text}\n`))] },
    history: [{ created: '2026-11-22T10:00:00Z', created_by: 'sample' }],
  });
  const mediaType = docker ? TYPES.dockerManifest : TYPES.ociManifest;
  return content(
    mediaType,
    { schemaVersion: 2, mediaType, config: describeContent(config), layers: [describeContent(layer)] },
    { blobs: [config, layer] },
  );
}

/** An image of one layer with these bytes, for linux/amd64; another one for each `id`. */
export function imageOfLayer(bytes: Uint8Array, id: string): Content {
  const layer = content(TYPES.ociLayer, Buffer.from(bytes));
  const config = content(TYPES.ociConfig, { os: 'linux', architecture: 'amd64', id });
  const mediaType = TYPES.ociManifest;
  return content(
    mediaType,
    { schemaVersion: 2, mediaType, config: describeContent(config), layers: [describeContent(layer)] },
    { blobs: [config, layer] },
  );
}

/** An attestation as BuildKit attaches one to an image: in the old form, or with the newer `artifactType`. */
export function sampleAttestation(of: Content, form: 'old' | 'new'): { content: Content; entry: Entry } {
  const statement = content(TYPES.inToto, {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [of.digest],
  });
  const config =
    form === 'old'
      ? content(TYPES.ociConfig, {
          architecture: 'unknown',
          os: 'unknown',
          config: {},
          rootfs: { type: 'layers', diff_ids: [statement.digest] },
        })
      : content('application/vnd.oci.empty.v1+json', {});
  const manifest = content(
    TYPES.ociManifest,
    {
      schemaVersion: 2,
      mediaType: TYPES.ociManifest,
      ...(form === 'new' ? { artifactType: 'application/vnd.docker.attestation.manifest.v1+json' } : {}),
      config: describeContent(config),
      layers: [
        {
          ...describeContent(statement),
          annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
        },
      ],
      ...(form === 'new' ? { subject: describeContent(of) } : {}),
    },
    { blobs: [config, statement] },
  );
  const entry: Entry = {
    ...describeContent(manifest),
    ...(form === 'new' ? { artifactType: 'application/vnd.docker.attestation.manifest.v1+json' } : {}),
    annotations: {
      'vnd.docker.reference.digest': of.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
    platform: { architecture: 'unknown', os: 'unknown' },
  };
  return { content: manifest, entry };
}

/** An index of entries as they are given. */
export function sampleIndex(
  entries: readonly Entry[],
  children: readonly Content[],
  mediaType: string = TYPES.ociIndex,
): Content {
  return content(mediaType, { schemaVersion: 2, mediaType, manifests: entries }, { children });
}

/** Puts content and all it refers to into a registry, leaves first, the content itself under `tag`. */
export async function pushContent(
  host: string,
  repository: string,
  tag: string,
  what: Content,
): Promise<void> {
  for (const blob of what.blobs) await pushBlob(host, repository, blob);
  for (const child of what.children) await pushContent(host, repository, child.digest, child);
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': what.mediaType },
    body: new Uint8Array(what.bytes),
  });
  if (answer.status !== 201)
    throw new Error(`PUT ${repository}:${tag}: ${answer.status} ${await answer.text()}`);
}

async function pushBlob(host: string, repository: string, blob: Content): Promise<void> {
  const url = `http://${host}/v2/${repository}/blobs`;
  if ((await fetch(`${url}/${blob.digest}`, { method: 'HEAD' })).ok) return;
  const started = await fetch(`${url}/uploads/`, { method: 'POST' });
  const target = new URL(started.headers.get('location')!, url);
  target.searchParams.set('digest', blob.digest);
  const answer = await fetch(target, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(blob.bytes),
  });
  if (answer.status !== 201) throw new Error(`PUT blob ${blob.digest}: ${answer.status}`);
}

/** Writes an OCI layout with one image, for clients that push from a folder (skopeo, crane). */
export function writeLayout(folder: string, image: Content, tag = 'latest'): void {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const entry = { ...describeContent(image), annotations: { 'org.opencontainers.image.ref.name': tag } };
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: TYPES.ociIndex, manifests: [entry] }),
  );
  const write = (what: Content): void => {
    writeFileSync(join(blobs, what.digest.slice('sha256:'.length)), what.bytes);
    for (const part of [...what.blobs, ...what.children]) write(part);
  };
  write(image);
}

/** A tar archive with one file, the same bytes each time. */
function tarOf(name: string, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return Buffer.concat([header, body, padding, Buffer.alloc(1024)]);
}
