import type { GroupDocument, MemberDocument } from '../assembly/group-document.ts';
import { duration, sentence, shortBuild } from '../assembly/reasons.ts';
import { shortDigest } from '../image/digest.ts';
import type { HistoryEntry } from '../ledger/interface.ts';
import type { Rule } from '../rules/rule.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Explanation } from './explained-group.ts';
import { formatTable } from './format-table.ts';
import { formatAgo, formatTime } from './format-time.ts';
import { separatorWanted } from './near-tags.ts';
import type { Colour } from './terminal.ts';

const COLOURS: Readonly<Record<Explanation['group']['state'], Colour>> = {
  publish: 'yellow',
  unchanged: 'green',
  waiting: 'yellow',
  held: 'red',
  ignored: 'dim',
};

/** What is wrong with a member, so that the right one mends it. */
const MENDED_BY_PUSH: ReadonlySet<string | undefined> = new Set([
  'mislabelled',
  'duplicate-platform',
  'unreadable',
  'child-gone',
]);

/** What is left to people, so that asking for it is enough. */
const MENDED_BY_APPLY: ReadonlySet<string | undefined> = new Set([
  'foreign-target',
  'before-archweave',
  'past-horizon',
]);

/** What `explain` says: the first sentence is the answer, what it rests on follows. */
export function explanationAnswer(explanation: Explanation, invocation: Invocation): Answer {
  const { asked, verdict, group, history, missing } = explanation;
  const { now, flags, terminal } = invocation;
  const target = verdict.target.tag;
  const name = `${verdict.repository}:${target}`;
  const member = asked === target ? [] : [`${verdict.repository}:${asked} is a member of ${name}.`];
  const answer = [...member, answerOf(explanation, name, now())].join(' ');
  const digest = flags.has('full') ? (text: string) => text : shortDigest;
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ['rule', [ruleLine(verdict.rule)]],
    ['since', sinceLine(explanation, now())],
    ['members', memberLines(group.members, digest, now())],
    ['near', nearLines(explanation, now())],
    ['target', [targetLine(explanation, digest)]],
    ['likely', likelyLines(group.state)],
    ['history', history === undefined ? [missing ?? 'not kept'] : historyLines(history, digest)],
    ['next', nextLines(explanation)],
  ];
  const lines = blocks.flatMap(([label, block]) =>
    block.map((line, at) => `${(at === 0 ? label : '').padEnd(9)}${line}`),
  );
  return {
    exit: exitOf(group.state),
    text: `${[terminal.paint(answer, COLOURS[group.state]), '', ...lines].join('\n')}\n`,
    document: {
      reference: `${verdict.registry}/${verdict.repository}:${asked}`,
      group,
      answer,
      history: history ?? [],
    },
  };
}

function exitOf(state: Explanation['group']['state']): ExitCode {
  if (state === 'waiting') return EXIT.waiting;
  if (state === 'held') return EXIT.held;
  return state === 'publish' ? EXIT.pending : EXIT.ok;
}

function answerOf({ verdict, group, history }: Explanation, name: string, now: number): string {
  const { decision, target } = verdict;
  const reasons = decision.reasons.map(sentence).join('; ');
  switch (group.state) {
    case 'waiting':
    case 'held':
      return `${name} is ${group.state}: ${reasons}.`;
    case 'ignored':
      return `${name} is left alone: ${reasons}.`;
    case 'publish': {
      const what =
        target.state.kind === 'absent' ? 'should be there and is not' : 'is not what its members say';
      const since = group.since ?? lastPush(group.members);
      const how = since === null ? '' : ` since ${duration(now - Date.parse(since))}`;
      return `${name} ${what}: everything is complete${how}.`;
    }
    case 'unchanged': {
      const [first] = decision.reasons;
      if (first !== undefined && first.code !== 'same-bytes') return `${name} is there: ${reasons}.`;
      const build = group.build === null ? '' : `, build ${shortBuild(group.build)}`;
      const published = history?.find(({ event }) => event === 'published')?.at ?? target.published?.at;
      const when = published === undefined ? '' : `, published ${formatAgo(published, now)}`;
      return `${name} is there and right: ${group.platforms.join(' ')}${build}${when}.`;
    }
  }
}

function lastPush(members: readonly MemberDocument[]): string | null {
  const times = members.flatMap(({ pushedAt }) => (pushedAt === undefined ? [] : [pushedAt]));
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;
}

function ruleLine(rule: Rule): string {
  const where = rule.line === 0 ? '' : ` (${rule.file ?? 'archweave.yaml'}:${rule.line})`;
  const targets = rule.targets.map(({ text }) => text).join(' ');
  return `${rule.name}${where}   ${rule.members.text} -> ${targets}`;
}

function sinceLine({ group }: Explanation, now: number): readonly string[] {
  if (group.since === null) return [];
  const due = group.overdueAt === null ? undefined : Date.parse(group.overdueAt) - now;
  const deadline =
    due === undefined ? '' : due > 0 ? `; overdue in ${duration(due)}` : `; OVERDUE since ${duration(-due)}`;
  return [`${formatTime(group.since)}, ${formatAgo(group.since, now)}${deadline}`];
}

function memberLines(
  members: readonly MemberDocument[],
  digest: (text: string) => string,
  now: number,
): readonly string[] {
  const rows = members.map(member => {
    const { platform, tag, pushedAt, build, is, required } = member;
    if (!member.present) {
      const lookedFor = `looked for ${(member.lookedFor ?? []).join(', ')}`;
      return [platform, required ? 'missing' : 'missing, optional', lookedFor];
    }
    const facts = [
      is === undefined ? '' : `is ${is}`,
      pushedAt === undefined ? '' : `pushed ${formatAgo(pushedAt, now)}`,
      build === undefined ? '' : `build ${shortBuild(build)}`,
    ];
    const told = [member.digest === undefined ? 'unreadable' : digest(member.digest), ...facts];
    return [platform, tag, told.filter(fact => fact !== '').join('  ')];
  });
  return formatTable(rows).trimEnd().split('\n');
}

function nearLines({ group, verdict, pushedAt }: Explanation, now: number): readonly string[] {
  return group.members.flatMap(({ near = [], lookedFor = [] }) =>
    near.map(tag => {
      const at = pushedAt.get(tag);
      const seen = at === undefined ? 'is there' : `was pushed ${formatAgo(at, now)}`;
      const separator = separatorWanted(tag, lookedFor);
      const wants = separator === undefined ? verdict.rule.members.text : `a "${separator}"`;
      return `${tag} ${seen}. Is it meant to be this member? The rule wants ${wants}.`;
    }),
  );
}

function targetLine({ verdict: { target }, group }: Explanation, digest: (text: string) => string): string {
  if (target.state.kind === 'absent') return group.state === 'held' ? 'not there' : 'not there yet';
  const { digest: held } = target.state;
  const keeps = group.keeps === undefined ? '' : `, keeps ${group.keeps}`;
  return `${held === undefined ? 'cannot be read' : digest(held)}${keeps}`;
}

function likelyLines(state: Explanation['group']['state']): readonly string[] {
  return state === 'publish' ? ['archweave does not run, or the event was lost; its next look finds it'] : [];
}

function historyLines(history: readonly HistoryEntry[], digest: (text: string) => string): readonly string[] {
  const rows = history.map(entry => [
    formatTime(entry.at),
    entry.event,
    entry.digest ? digest(entry.digest) : '',
  ]);
  return rows.length === 0 ? ['nothing yet'] : formatTable(rows).trimEnd().split('\n');
}

function nextLines({ group, verdict }: Explanation): readonly string[] {
  const { registry, repository } = verdict;
  const missing = group.members.find(({ present, required }) => required && !present);
  switch (group.state) {
    case 'waiting':
      if (missing !== undefined) {
        const wanted = `${registry}/${repository}:${missing.lookedFor?.[0] ?? missing.tag}`;
        return [`push ${wanted}; the index follows by itself`];
      }
      return group.reasons[0]?.code === 'mixed-builds' ? ['push all of them from one commit'] : ['wait'];
    case 'publish':
      return [`archweave apply ${group.target[0]}`];
    case 'held':
    case 'ignored':
      return mending(group);
    default:
      return [];
  }
}

function mending({ reasons: [first], target }: GroupDocument): readonly string[] {
  if (MENDED_BY_PUSH.has(first?.code)) return ['push it right; the index follows by itself'];
  if (first?.code === 'withdrawn') return [`archweave apply --restore ${target[0]}`];
  return MENDED_BY_APPLY.has(first?.code) ? [`archweave apply ${target[0]}`] : [];
}
