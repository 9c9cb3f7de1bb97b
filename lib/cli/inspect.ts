import { shortBuild } from '../assembly/reasons.ts';
import { ArchweaveError } from '../errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import { formatSize } from '../image/format-size.ts';
import type { Manifest } from '../image/manifest.ts';
import { formatPlatform, type Platform, satisfies } from '../image/platform.ts';
import { printable } from '../image/printable.ts';
import { formatReference, type Reference } from '../image/reference.ts';
import type { Registry } from '../registry/interfaces.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { formatTime } from './format-time.ts';
import { type ImageView, lookAtImage, type ManifestView } from './look-at-image.ts';
import { openRegistry } from './open-registry.ts';
import { mistake } from './parse-arguments.ts';
import { platformFlag } from './platform-flag.ts';
import { readImage } from './read-image.ts';
import { readReference, withLatest } from './read-reference.ts';

const REVISION = 'org.opencontainers.image.revision';

interface Inspection {
  readonly reference: Reference;
  readonly manifest: Manifest;
  readonly view: ManifestView;
  readonly referrers: readonly Descriptor[];
}

/** `inspect`: one image or index as the registry holds it. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { flags, common, operands, signal, terminal } = invocation;
  if (flags.has('raw') && common.json) throw mistake('--raw and --json are two answers; give one of them.');
  const platform = platformFlag(flags.value('platform'));
  const { reference: asked, settings } = await readReference(operands[0]!, invocation);
  const registry = openRegistry(asked, invocation, settings);
  const whole = withLatest(asked, terminal);
  const manifest = await readImage(registry, whole, { signal });
  const found =
    platform === undefined ? whole : await resolvePlatform(registry, whole, manifest, platform, signal);
  const chosen = found === whole ? manifest : await readImage(registry, found, { signal });
  if (flags.has('raw')) return { exit: EXIT.ok, text: chosen.bytes };
  const [view, referrers] = await Promise.all([
    lookAtImage(registry, found.repository, chosen, { signal }),
    registry.listReferrers(found.repository, chosen.digest, { signal }),
  ]);
  const inspection = { reference: found, manifest: chosen, view, referrers };
  return { exit: EXIT.ok, text: textOf(inspection), document: documentOf(inspection) };
}

/** The reference, by digest, of what a client of that platform gets. */
async function resolvePlatform(
  registry: Registry,
  reference: Reference,
  manifest: Manifest,
  wanted: Platform,
  signal: AbortSignal,
): Promise<Reference> {
  const { kind, images } = await lookAtImage(registry, reference.repository, manifest, { signal });
  const match = images.find(({ platform }) => platform !== undefined && satisfies(platform, wanted));
  if (match !== undefined) {
    const { host, scheme, repository } = reference;
    if (kind !== 'index') return reference;
    return { host, repository, digest: match.descriptor.digest, ...(scheme === undefined ? {} : { scheme }) };
  }
  const name = formatReference(reference);
  const there = images.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]));
  throw new ArchweaveError({
    code: 'not-found',
    attempt: `resolve ${name} for ${formatPlatform(wanted)}`,
    reason: there.length === 0 ? 'it names no platform' : `it has ${there.join(' ')}`,
    reference: name,
  });
}

function textOf({ reference, manifest, view, referrers }: Inspection): string {
  const { images } = view;
  const lines = [
    formatReference(reference),
    `${view.kind.padEnd(8)} ${manifest.digest}`,
    `         ${manifest.mediaType}, ${manifest.bytes.byteLength} bytes`,
    ...buildLine(images),
    '',
  ];
  const names = images.map(({ platform }) => platformName(platform));
  const width = Math.max(0, ...names.map(name => name.length)) + 2;
  for (const [position, image] of images.entries()) {
    const size = image.imageSize === undefined ? 'not there' : formatSize(image.imageSize);
    const row = `${names[position]!.padEnd(width)}${size.padEnd(9)}${image.attestations.join(' ')}`;
    lines.push(row.trimEnd(), `  ${image.descriptor.digest}`);
  }
  if (images.length > 0) lines.push('');
  lines.push(summaryOf(images, referrers), '');
  return lines.join('\n');
}

function buildLine(images: readonly ImageView[]): readonly string[] {
  const { build, created } = originOf(images);
  if (build !== null)
    return [`build    ${shortBuild(build)}${created === null ? '' : `, created ${created}`}`];
  return created === null ? [] : [`created  ${created}`];
}

/** The build that all images name, and when the last of them was made; null where there is no such thing. */
function originOf(images: readonly ImageView[]): { build: string | null; created: string | null } {
  const builds = new Set(images.map(({ config }) => config?.labels[REVISION]));
  const [build] = builds;
  const created = images.flatMap(({ config }) => (config?.created === undefined ? [] : [config.created]));
  const latest = created.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  return {
    build: builds.size === 1 && build !== undefined ? build : null,
    created: latest === undefined ? null : printable(formatTime(latest)),
  };
}

function platformName(platform: Platform | undefined): string {
  return platform === undefined ? 'no platform' : formatPlatform(platform).replace(':', ' ');
}

function summaryOf(images: readonly ImageView[], referrers: readonly Descriptor[]): string {
  const attestations = images.reduce((sum, image) => sum + image.attestations.length, 0);
  const signatures = referrers.filter(({ artifactType = '' }) =>
    /cosign|notary|signature/.test(artifactType),
  ).length;
  const others = referrers.length - signatures;
  const parts = [
    counted(images.length, 'platform'),
    attestations === 0 ? '' : counted(attestations, 'attestation'),
    signatures === 0 ? '' : counted(signatures, 'signature'),
    others === 0 ? '' : counted(others, 'other referrer'),
  ];
  return parts.filter(part => part !== '').join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function documentOf({ reference, manifest, view, referrers }: Inspection): Readonly<Record<string, unknown>> {
  return {
    reference: formatReference(reference),
    digest: manifest.digest,
    mediaType: manifest.mediaType,
    size: manifest.bytes.byteLength,
    kind: view.kind,
    ...originOf(view.images),
    annotations: view.annotations,
    platforms: view.images.map(({ platform, descriptor, imageSize, attestations }) => ({
      platform: platform === undefined ? null : platformDocument(platform),
      ...descriptor,
      imageSize: imageSize ?? null,
      attestations,
    })),
    referrers: referrers.map(({ artifactType, digest }) => ({ artifactType: artifactType ?? null, digest })),
  };
}

function platformDocument(platform: Platform): Readonly<Record<string, unknown>> {
  const { os, architecture, variant, 'os.version': osVersion, 'os.features': osFeatures } = platform;
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(osFeatures === undefined ? {} : { osFeatures }),
  };
}
