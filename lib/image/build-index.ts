import { attachedTo } from './attachments.ts';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import type { Manifest } from './manifest.ts';
import { DOCKER_LIST, OCI_INDEX } from './media-types.ts';
import { type Platform, platformKey } from './platform.ts';

/** One image of an index, its descriptor with the platform, and what comes with it (attestations, SOCI indexes). */
export interface IndexChild {
  readonly descriptor: Descriptor;
  readonly attached: readonly Descriptor[];
}

export interface IndexPlan {
  readonly children: readonly IndexChild[];
  readonly format: 'oci' | 'docker';
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The index of these children, in their order, followed by what is attached to them, ordered by child, then digest.
 *
 * The same plan makes the same bytes, whatever order annotations, platform fields or attached entries come in, today
 * and in every later version: a change here would rewrite each index of each user. An entry that says the same as an
 * earlier one is left out. A Docker manifest list knows no annotations, so there neither they nor attached entries,
 * which would lose their link, are written.
 */
export function buildIndex({ children, format, annotations }: IndexPlan): Manifest {
  const images = distinct(
    children.map(child => child.descriptor),
    ({ digest, platform }) => `${digest} ${platform === undefined ? '' : platformKey(platform)}`,
  );
  const attached = distinct(
    children.flatMap(child => child.attached.toSorted(byDigestThenText)),
    entry => `${entry.digest} ${attachedTo(entry) ?? ''}`,
  );
  const oci = format === 'oci';
  const mediaType = oci ? OCI_INDEX : DOCKER_LIST;
  const entries = oci ? [...images, ...attached].map(ociEntry) : images.map(dockerEntry);
  const text = object([
    ['schemaVersion', '2'],
    ['mediaType', JSON.stringify(mediaType)],
    ['manifests', `[${entries.join(',')}]`],
    ['annotations', oci ? strings(annotations) : undefined],
  ]);
  const bytes = new TextEncoder().encode(text);
  return { bytes, digest: digestOf(bytes), mediaType };
}

function ociEntry(entry: Descriptor): string {
  return object([
    ['mediaType', JSON.stringify(entry.mediaType)],
    ['digest', JSON.stringify(entry.digest)],
    ['size', JSON.stringify(entry.size)],
    ['urls', list(entry.urls)],
    ['annotations', strings(entry.annotations)],
    ['data', text(entry.data)],
    ['platform', platform(entry.platform)],
    ['artifactType', text(entry.artifactType)],
  ]);
}

function dockerEntry({ mediaType, digest, size, platform, urls }: Descriptor): string {
  return ociEntry({ mediaType, digest, size, ...(platform && { platform }), ...(urls && { urls }) });
}

function platform(value: Platform | undefined): string | undefined {
  if (value === undefined) return undefined;
  return object([
    ['architecture', JSON.stringify(value.architecture)],
    ['os', JSON.stringify(value.os)],
    ['variant', text(value.variant)],
    ['os.version', text(value['os.version'])],
    ['os.features', list(value['os.features'])],
    ['features', list(value.features)],
  ]);
}

// Written by hand, since an object of JavaScript moves keys that look like numbers to the front.
function object(fields: readonly (readonly [name: string, json: string | undefined])[]): string {
  const written = fields.filter(([, json]) => json !== undefined);
  return `{${written.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

function strings(map: Readonly<Record<string, string>> = {}): string | undefined {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0
    ? undefined
    : object(entries.map(([name, value]) => [name, JSON.stringify(value)]));
}

function text(value: string | undefined): string | undefined {
  return value ? JSON.stringify(value) : undefined;
}

function list(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : JSON.stringify(values);
}

// The text settles which of two entries for one digest comes first, whatever order they were found in.
function byDigestThenText(a: Descriptor, b: Descriptor): number {
  const [left, right] = [`${a.digest} ${ociEntry(a)}`, `${b.digest} ${ociEntry(b)}`];
  return left === right ? 0 : left < right ? -1 : 1;
}

function distinct<T>(values: readonly T[], keyOf: (value: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const value of values) {
    const key = keyOf(value);
    if (!seen.has(key)) seen.set(key, value);
  }
  return [...seen.values()];
}
