import { spellingsOf } from '../image/architectures.ts';
import { formatPlatform, type Platform } from '../image/platform.ts';
import type { Reference } from '../image/reference.ts';
import type { Registry } from '../registry/interfaces.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { openRegistry } from './open-registry.ts';
import { mistake } from './parse-arguments.ts';
import { platformFlag } from './platform-flag.ts';
import { pushSample } from './push-sample.ts';
import { readReference } from './read-reference.ts';
import { attestedSample, sampleImage } from './sample-image.ts';

/** `demo REPO[:TAG]`: sample images, one a platform, as the jobs of a build would push them. */
export async function pushSamples(invocation: Invocation): Promise<Answer> {
  const { flags, operands, signal } = invocation;
  const { reference, settings } = await readReference(operands[0]!, invocation);
  if (reference.digest !== undefined) throw mistake('demo pushes to a tag, not to a digest.');
  const given = flags.values('platform');
  const platforms = (given.length === 0 ? ['linux/amd64', 'linux/arm64'] : given).map(text =>
    platformFlag(text),
  );
  const template = flags.value('tag-template') ?? '{tag}-{arch}';
  const tags = platforms.map(platform => memberTag(template, reference.tag ?? '1.0', platform));
  if (new Set(tags).size < tags.length)
    throw mistake(`--tag-template "${template}" gives two platforms one tag.`);
  const registry = openRegistry(reference, invocation, settings);
  const pushed: { reference: string; platform: string; digest: string }[] = [];
  for (const [position, platform] of platforms.entries()) {
    const tag = tags[position]!;
    const digest = await pushOne(registry, reference, { tag, platform, invocation, signal });
    const name = `${reference.host}/${reference.repository}:${tag}`;
    pushed.push({ reference: name, platform: formatPlatform(platform), digest });
  }
  const rows = pushed.map(({ reference: name, platform, digest }) => [`pushed ${name}`, platform, digest]);
  return { exit: EXIT.ok, text: formatTable(rows), document: { pushed } };
}

interface OnePush {
  readonly tag: string;
  readonly platform: Platform;
  readonly invocation: Invocation;
  readonly signal: AbortSignal;
}

async function pushOne(
  registry: Registry,
  { repository, tag: version = '1.0' }: Reference,
  { tag, platform, invocation: { flags }, signal }: OnePush,
): Promise<string> {
  const build = flags.value('build');
  const image = sampleImage({
    platform,
    text: `hello from ${repository}:${version} on ${formatPlatform(platform)}`,
    docker: flags.has('docker'),
    ...(build === undefined ? {} : { build }),
  });
  const sample = flags.has('attestation') ? attestedSample(image, platform) : image;
  await pushSample(registry, repository, tag, sample, { signal });
  return sample.manifest.digest;
}

function memberTag(template: string, tag: string, platform: Platform): string {
  const values: Readonly<Record<string, string>> = {
    tag,
    os: platform.os,
    arch: spellingsOf(platform)[0] ?? platform.architecture,
    variant: platform.variant ?? '',
    osversion: platform['os.version'] ?? '',
  };
  return template.replace(/\{(\w+)\??\}/g, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return value;
    throw mistake(`--tag-template has {${name}}; it may have {tag} {arch} {os} {variant} {osversion}.`);
  });
}
