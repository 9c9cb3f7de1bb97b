import { ArchweaveError } from '../errors.ts';
import { shortDigest } from '../image/digest.ts';
import { formatPlatform, type Platform } from '../image/platform.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { formatAgo } from './format-time.ts';
import { type ListedTag, listTags } from './list-tags.ts';
import { openRegistry } from './open-registry.ts';
import { mistake } from './parse-arguments.ts';
import { readReference } from './read-reference.ts';
import { readRules } from './read-rules.ts';
import { type Belonging, belongings } from './tag-belonging.ts';

const HEADER = ['TAG', 'KIND', 'PLATFORMS', 'DIGEST', 'PUSHED', 'BELONGS TO'];

/** `list`: the tags of a repository, each target before its members. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { operands, flags, signal, terminal, now } = invocation;
  const { reference, settings } = await readReference(operands[0]!, invocation);
  const { host, repository } = reference;
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw mistake('list takes a repository, not a tag.', `archweave inspect ${operands[0]}`);
  }
  const registry = openRegistry(reference, invocation, settings);
  const { rules } = await readRules(invocation, host, repository);
  const { tags, all } = await listTags(registry, repository, { signal, glob: flags.value('tags') });
  if (all.length === 0) {
    throw new ArchweaveError({
      code: 'no-repository',
      attempt: `list ${host}/${repository}`,
      reason: 'there is no such repository, or it has no tags',
      side: 'repository',
      reference: `${host}/${repository}`,
      next: `archweave demo ${host}/${repository}   pushes sample images there`,
    });
  }
  const rows = belongings(rules, tags, all);
  terminal.note(summaryOf(tags));
  const digest = flags.has('full') ? (text: string) => text : shortDigest;
  const table = rows.map(({ tag, belongsTo }) => rowOf(tag, belongsTo, digest, now()));
  return {
    exit: EXIT.ok,
    // The header alone is bold, so that the text is the same without colour.
    text: formatTable([HEADER, ...table]).replace(/^.*/, header => terminal.paint(header, 'bold')),
    document: {
      repository: `${host}/${repository}`,
      tags: rows.map(({ tag, role, group }) => ({
        tag: tag.tag,
        digest: tag.digest,
        mediaType: tag.mediaType,
        kind: tag.kind,
        platforms: tag.platforms.map(formatPlatform),
        pushedAt: tag.pushedAt ?? null,
        role,
        group: group === null ? null : `${host}/${repository}:${group}`,
      })),
    },
  };
}

function rowOf(
  tag: ListedTag,
  belongsTo: Belonging['belongsTo'],
  digest: (text: string) => string,
  now: number,
): readonly string[] {
  return [
    tag.tag,
    tag.kind,
    tag.platforms.map((platform: Platform) => formatPlatform(platform)).join(' ') || '-',
    digest(tag.digest),
    tag.pushedAt === undefined ? '-' : formatAgo(tag.pushedAt, now),
    belongsTo,
  ];
}

/** `5 tags: 1 index, 4 images` */
function summaryOf(tags: readonly ListedTag[]): string {
  const plural = { index: 'indexes', image: 'images', artifact: 'artifacts', unreadable: 'unreadable' };
  const counts = (Object.keys(plural) as (keyof typeof plural)[]).flatMap(kind => {
    const count = tags.filter(tag => tag.kind === kind).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? kind : plural[kind]}`];
  });
  const head = `${tags.length} ${tags.length === 1 ? 'tag' : 'tags'}`;
  return counts.length === 0 ? head : `${head}: ${counts.join(', ')}`;
}
