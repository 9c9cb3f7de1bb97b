import type { Joined } from '../assembly/join.ts';
import { type Reason, sentence } from '../assembly/reasons.ts';
import { isDigest, shortDigest } from '../image/digest.ts';
import { formatPlatform } from '../image/platform.ts';
import { formatReference } from '../image/reference.ts';
import type { JoinRequest } from './join-request.ts';

type Of<K extends Joined['kind']> = Extract<Joined, { readonly kind: K }>;

/** What was joined, a line a platform, and what became of the tags. */
export function joinedLines(
  { chosen, written }: Of<'joined'>,
  { join }: JoinRequest,
  { ms, requests }: { readonly ms: number; readonly requests: number },
): readonly string[] {
  const rows = chosen.map(({ image: { descriptor }, tag }) => [
    formatPlatform(descriptor.platform),
    isDigest(tag) ? shortDigest(tag) : tag,
    shortDigest(descriptor.digest),
  ]);
  const kept = join.tags.filter(tag => !written.includes(tag));
  const cost = `in ${Math.round(ms)} ms, ${requests} requests`;
  if (kept.length > 0) rows.push(['unchanged', kept.join(' ')]);
  if (written.length > 0 && join.dryRun) rows.push(['would publish', written.join(' ')]);
  else if (written.length > 0) rows.push(['published', written.join(' '), cost]);
  const first = Math.max(...rows.map(row => row[0]!.length));
  const second = Math.max(...rows.slice(0, chosen.length).map(row => row[1]!.length));
  return rows.map(([head = '', name = '', tail = '']) =>
    `${head.padEnd(first)}  ${name.padEnd(second)}  ${tail}`.trimEnd(),
  );
}

/** Which members are not there, and the command that waits for them. */
export function waitingLines(
  { missing, reasons }: Of<'waiting'>,
  request: JoinRequest,
  withNext = false,
): readonly string[] {
  const { join, target } = request;
  const wanted = join.members.length;
  const count = `(${wanted - missing.length} of ${wanted})`;
  const lines = missing.map(({ reference, platform }) => {
    const what = platform === undefined ? 'waiting' : `waiting for ${platform}`;
    const name = isDigest(reference)
      ? formatReference({ host: target.host, repository: target.repository, digest: reference })
      : memberName(reference, request);
    return `${what}: ${name} is not there ${count}`;
  });
  if (lines.length === 0) lines.push(`waiting: ${reasons.map(sentence).join('; ')}`);
  return withNext ? [...lines, '  next    archweave create ... --wait 20m     waits for it'] : lines;
}

/** Why nothing was written, and what to do. */
export function heldLines({ reasons }: Of<'held'>, request: JoinRequest): readonly string[] {
  const [first, ...others] = reasons;
  const lines: string[] = [];
  if (first !== undefined) {
    lines.push(`held: ${sentence(first)}  [${first.code}]`);
    if ('tag' in first) lines.push(`  where   ${whereOf(first, request)}`);
    for (const reason of others) lines.push(`  also    ${sentence(reason)}  [${reason.code}]`);
    const next = nextOf(first);
    if (next !== undefined) lines.push(`  next    ${next}`);
  }
  return [...lines, untouchedLine(request)];
}

/** Which tags are as they were: all, or from the one on whose write was `refused`. */
export function untouchedLine({ target, join }: JoinRequest, refused?: string): string {
  const { host, repository } = target;
  const names = join.tags.map(tag => formatReference({ host, repository, tag }));
  const kept = names.slice(Math.max(0, names.indexOf(refused ?? '')));
  return `  ${kept.join(' ')} ${kept.length === 1 ? 'was' : 'were'} not touched.`;
}

function whereOf(reason: Reason & { readonly tag: string }, request: JoinRequest): string {
  const digest = 'digest' in reason && reason.digest !== undefined ? `  ${reason.digest}` : '';
  return `${memberName(reason.tag, request)}${digest}`;
}

function memberName(alias: string, request: JoinRequest): string {
  const member = request.members.find(one => one.alias === alias);
  if (member !== undefined) return formatReference(member.reference);
  const { host, repository } = request.target;
  return formatReference({ host, repository, tag: alias });
}

function nextOf(reason: Reason): string | undefined {
  switch (reason.code) {
    case 'mislabelled':
      return `build it with --platform linux/${reason.says}, or pass it by digest if the tag's name is wrong`;
    case 'mixed-builds':
      return 'push all of them from one commit, or say that it is meant: --allow mixed-builds';
    case 'duplicate-platform':
      return 'leave one of them out';
    case 'immutable-tag':
      return "another tag, or an exclusion in the repository's settings";
    case 'unwanted-platform':
      return 'leave it out, or add its platform to --platform';
    case 'no-clobber':
      return 'another tag, or the same command without --no-clobber';
    case 'unreadable':
      return 'push it again';
    default:
      return undefined;
  }
}
