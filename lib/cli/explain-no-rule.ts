import type { TagLister } from '../registry/interfaces.ts';
import { candidates, rulesFor, targetOf } from '../rules/group.ts';
import { editDistance } from '../rules/nearest.ts';
import type { Rule } from '../rules/rule.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';

interface Subject {
  readonly registry: TagLister;
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** Of the registry, whether or not they are for this repository. */
  readonly rules: readonly Rule[];
  readonly invocation: Invocation;
}

/** How many tags are shown as examples of what is there. */
const EXAMPLES = 3;

/** The answer about a tag that no rule makes: what the nearest rule wants, and what the repository has. */
export async function explainNoRule(subject: Subject): Promise<Answer> {
  const { host, repository, tag, rules } = subject;
  const answer = `${repository}:${tag}: no rule makes it.`;
  const covering = rulesFor(rules, host, repository);
  const fitting = covering.find(candidate => targetOf(candidate, tag).length > 0);
  const rule = fitting ?? covering[0] ?? rules[0];
  const lines = [answer];
  if (rule !== undefined) {
    const where = rule.line === 0 ? '' : ` (${rule.file ?? 'archweave.yaml'}:${rule.line})`;
    const examples = await nearestTags(subject);
    const has = examples.length === 0 ? 'no tags' : listed(examples);
    lines.push(`  nearest  ${rule.name}${where} wants ${rule.members.text}; the repository has ${has}`);
  }
  lines.push(`  next     ${nextStep(subject, fitting)}`);
  return {
    exit: EXIT.mistake,
    text: `${lines.join('\n')}\n`,
    document: { reference: `${host}/${repository}:${tag}`, group: null, answer, history: [] },
  };
}

/** Where a rule would make the tag, its members are all that is missing. */
function nextStep({ host, repository, tag, invocation }: Subject, rule: Rule | undefined): string {
  const captures = rule && targetOf(rule, tag)[0]?.captures;
  const members = rule && captures ? candidates(rule, captures) : [];
  if (rule === undefined || members.length === 0)
    return `add a rule for ${host}/${repository} to ${invocation.common.config ?? 'archweave.yaml'}`;
  const tags = rule.platforms.flatMap(wanted => {
    const member = members.find(({ platforms }) => platforms.includes(wanted));
    return member === undefined ? [] : [member.tag];
  });
  return `push ${listed([...new Set(tags)])} to ${host}/${repository}; the index follows by itself`;
}

async function nearestTags({ registry, repository, tag, invocation }: Subject): Promise<readonly string[]> {
  const tags: string[] = [];
  for await (const page of registry.listTags(repository, { signal: invocation.signal })) {
    tags.push(...page.map(entry => entry.tag));
  }
  const distance = (other: string): number => (other.startsWith(tag) ? 0 : editDistance(tag, other));
  return tags.toSorted((a, b) => distance(a) - distance(b)).slice(0, EXAMPLES);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
