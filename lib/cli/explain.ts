import { ConfigCache } from '../assembly/config-cache.ts';
import { examineTarget, type Place, type Verdict } from '../assembly/examine.ts';
import { parsePlatform } from '../image/platform.ts';
import type { HistoryEntry } from '../ledger/interface.ts';
import { MemoryLedger } from '../ledger/memory.ts';
import type { Registry, TagEntry } from '../registry/interfaces.ts';
import { memberOf, targetOf, targetsOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Answer, Invocation } from './command.ts';
import { explainNoRule } from './explain-no-rule.ts';
import { type Explanation, explainedGroup } from './explained-group.ts';
import { type FoundLedger, findLedger } from './find-ledger.ts';
import { nearTags } from './near-tags.ts';
import { CALLERS_OWN, openRegistry } from './open-registry.ts';
import { mistake } from './parse-arguments.ts';
import { readReference, withLatest } from './read-reference.ts';
import { readRules } from './read-rules.ts';
import { explanationAnswer } from './tell-explanation.ts';

/** At most so many lines of history. */
const HISTORY = 10;

/** `explain`: why an index is there, or not. A member's tag is answered with its index. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { operands, terminal } = invocation;
  const { reference: asked, settings } = await readReference(operands[0]!, invocation);
  if (asked.digest !== undefined) throw mistake('explain takes a tag, not a digest.');
  const { repository, tag } = withLatest(asked, terminal);
  const registry = openRegistry(asked, invocation, settings);
  const { ledger, missing, own } = await findLedger(invocation, asked.host);
  try {
    const host = asked.host === CALLERS_OWN ? (own ?? asked.host) : asked.host;
    const { rules, ofRegistry } = await readRules(invocation, host, repository, own);
    const subject = subjectOf(rules, tag!);
    const noRule = () =>
      explainNoRule({ registry, host, repository, tag: tag!, rules: ofRegistry, invocation });
    if (subject === undefined) return await noRule();
    const place = { registry: host, repository, rule: subject.rule };
    const verdict = await look(invocation, { registry, rules, place, target: subject.target, ledger });
    if (!subject.member && isNobodys(verdict)) return await noRule();
    const history = await historyOf(ledger, verdict);
    const tags = await tagsIfMissing(registry, verdict, invocation.signal);
    const explanation: Explanation = {
      asked: tag!,
      verdict,
      group: explainedGroup(verdict, near(verdict, tags), invocation.now()),
      pushedAt: new Map(
        tags.flatMap(entry => (entry.pushedAt === undefined ? [] : [[entry.tag, entry.pushedAt]])),
      ),
      history,
      ...(missing !== undefined && { missing }),
    };
    return explanationAnswer(explanation, invocation);
  } finally {
    ledger?.close();
  }
}

interface Subject {
  readonly rule: Rule;
  readonly target: string;
  /** Whether a member was asked for. */
  readonly member: boolean;
}

function subjectOf(rules: readonly Rule[], tag: string): Subject | undefined {
  for (const rule of rules) {
    const member = memberOf(rule, tag);
    const target = member && targetsOf(rule, member.captures)[0];
    if (target !== undefined) return { rule, target: target.tag, member: true };
  }
  const rule = rules.find(one => targetOf(one, tag).length > 0);
  return rule === undefined ? undefined : { rule, target: tag, member: false };
}

interface Looked {
  readonly registry: Registry;
  readonly rules: readonly Rule[];
  readonly place: Place;
  readonly target: string;
  readonly ledger: FoundLedger | undefined;
}

function look(
  { now, signal }: Invocation,
  { registry, rules, place, target, ledger }: Looked,
): Promise<Verdict> {
  const sights = {
    registry,
    rules,
    ledger: ledger ?? new MemoryLedger(),
    configs: new ConfigCache(),
    clock: { now },
    signal,
  };
  return examineTarget(sights, place, target, 'cli');
}

/** A tag that some template fits, but of whose members there never was one. */
function isNobodys({ target, decision, observation }: Verdict): boolean {
  if (decision.reasons[0]?.code === 'no-rule') return true;
  return target.state.kind === 'foreign' && observation.members.every(({ state }) => state.kind === 'absent');
}

async function historyOf(
  ledger: FoundLedger | undefined,
  { registry, repository, target: { tag } }: Verdict,
): Promise<readonly HistoryEntry[] | undefined> {
  return await ledger?.history({ registry, repository, tag }, HISTORY);
}

async function tagsIfMissing(
  registry: Registry,
  { observation, repository, decision }: Verdict,
  signal: AbortSignal,
): Promise<readonly TagEntry[]> {
  const missing = observation.members.some(({ state }) => state.kind === 'absent');
  if (!missing || decision.kind !== 'waiting') return [];
  const entries: TagEntry[] = [];
  for await (const page of registry.listTags(repository, { signal })) entries.push(...page);
  return entries;
}

/** Near misses by the platform that is missing. */
function near(
  { rule, observation: { captures, members } }: Verdict,
  tags: readonly TagEntry[],
): (platform: string, lookedFor: readonly string[]) => readonly string[] {
  const there = new Set(members.filter(({ state }) => state.kind !== 'absent').map(({ tag }) => tag));
  const others = tags.map(({ tag }) => tag).filter(tag => !there.has(tag));
  return (text, lookedFor) => {
    const platform = parsePlatform(text);
    return platform === undefined ? [] : nearTags({ rule, captures, platform, lookedFor }, others);
  };
}
