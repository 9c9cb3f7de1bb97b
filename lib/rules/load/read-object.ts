import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import { listed, quoted, type Refusal } from './finding.ts';
import type { Report } from './report.ts';
import type { Secrets } from './secrets.ts';
import { at, beginning, type Entry, plainValue, type Tree } from './yaml-tree.ts';

type Issue = z.core.$ZodIssue;

export interface ObjectReading {
  /** As it follows "is not a key of": `an index rule`. */
  readonly noun: string;
  readonly report: Report;
  readonly secrets: Secrets;
  /** A key that is none, where there is more to say than that. */
  readonly onUnknown?: (entry: Entry) => Refusal | undefined;
  /** Keys that somebody else reads. */
  readonly elsewhere?: readonly string[];
}

/**
 * Reads a mapping key by key, so that one mistake hides no other: keys that are right are in the result, the others
 * are in the report. Absent keys are absent; one that has to be there is a mistake at the mapping's beginning.
 */
export function readObject<T extends z.ZodObject>(
  schema: T,
  tree: Tree,
  reading: ObjectReading,
): Partial<z.infer<T>> | undefined {
  if (tree.kind !== 'map') {
    reading.report.add(tree.range, { code: 'wrong-type', message: `${reading.noun} is a mapping with keys` });
    return undefined;
  }
  const shape = schema.shape as Record<string, z.ZodType>;
  const result: Record<string, unknown> = {};
  for (const entry of tree.entries.values()) {
    const type = Object.hasOwn(shape, entry.key) ? shape[entry.key] : undefined;
    if (type === undefined) {
      reading.report.add(entry.keyRange, refuseUnknownKey(entry, Object.keys(shape), reading));
    } else if (!reading.elsewhere?.includes(entry.key)) readValue(type, entry, result, reading);
  }
  for (const [name, type] of Object.entries(shape)) {
    if (type.isOptional() || tree.entries.has(name)) continue;
    reading.report.add(beginning(tree), {
      code: 'missing-key',
      message: `${reading.noun} needs ${quoted(name)}`,
      ...(EXAMPLES[name] ? { next: `${name}: ${EXAMPLES[name]}` } : {}),
    });
  }
  return result as Partial<z.infer<T>>;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  repositories: '[prod/team/*]',
  platforms: '[linux/amd64, linux/arm64]',
  from: 'prod/team/*',
  to: 'contoso/mirror/{repository}',
};

function readValue(
  type: z.ZodType,
  entry: Entry,
  result: Record<string, unknown>,
  reading: ObjectReading,
): void {
  const { report } = reading;
  const parsed = type.safeParse(plainValue(entry.value));
  if (!parsed.success) {
    for (const issue of flattened(parsed.error.issues)) addIssue(issue, entry, reading);
    return;
  }
  result[entry.key] = parsed.data;
  warnOfNumbers(entry.value, report);
}

function refuseUnknownKey(
  entry: Entry,
  known: readonly string[],
  { noun, onUnknown }: ObjectReading,
): Refusal {
  const meant = nearest(entry.key, known);
  const guess = meant === undefined ? '' : `; did you mean ${quoted(meant)}?`;
  return (
    onUnknown?.(entry) ?? {
      code: 'unknown-key',
      message: `${quoted(entry.key)} is not a key of ${noun}${guess}`,
      next: meant === undefined ? `one of ${known.join(', ')}` : undefined,
    }
  );
}

/** Of a choice, the issues of the branch that the value was meant for: the one that got further than its type. */
function flattened(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap(issue => {
    if (issue.code !== 'invalid_union') return [issue];
    const branches = issue.errors as readonly (readonly Issue[])[];
    const meant = branches.find(branch => !branch.some(one => one.path.length === 0 && isOfWrongType(one)));
    if (!meant) return [issue];
    return flattened(meant.map(one => ({ ...one, path: [...issue.path, ...one.path] })));
  });
}

function isOfWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
}

function addIssue(issue: Issue, entry: Entry, { report }: ObjectReading): void {
  const tree = at(entry.value, issue.path);
  if (issue.code === 'unrecognized_keys' && tree.kind === 'map') {
    for (const key of issue.keys) {
      const place = tree.entries.get(key)?.keyRange ?? tree.range;
      report.add(place, {
        code: 'unknown-key',
        message: `${quoted(key)} is not a key of ${quoted(entry.key)}`,
      });
    }
  } else report.addAt(tree, refusalOf(issue, tree, entry.key));
}

function refusalOf(issue: Issue, tree: Tree, key: string): Refusal {
  const name = quoted(key);
  if (issue.code === 'custom') return (issue.params as { refusal: Refusal }).refusal;
  if (issue.code === 'invalid_value' && issue.values.length > 1 && tree.kind === 'scalar') {
    const values = issue.values.map(String);
    return {
      code: 'bad-value',
      message: `${quoted(tree.value)} is no value of ${name}; it is ${listed(values, 'or')}`,
      next: nearest(String(tree.value), values),
    };
  }
  if (issue.code === 'too_small')
    return { code: 'bad-value', message: `${name} is empty`, ...exampleOf(key) };
  return { code: 'wrong-type', message: wrongType(issue, tree, name), ...exampleOf(key) };
}

function exampleOf(key: string): { next?: string } {
  return EXAMPLES[key] ? { next: `${key}: ${EXAMPLES[key]}` } : {};
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
};

function wrongType(issue: Issue, tree: Tree, name: string): string {
  if (tree.kind === 'scalar' && tree.value === null) return `${name} has no value`;
  const expected = issue.code === 'invalid_type' ? TYPES[issue.expected] : undefined;
  const where = issue.path.length > 0 ? `an entry of ${name}` : name;
  return expected ? `${where} is ${expected}` : `this is no value of ${name}`;
}

/** Nothing in the file is a number, so each number was meant as a text, and some lose digits on the way. */
export function warnOfNumbers(tree: Tree, report: Report): void {
  if (tree.kind === 'list') for (const item of tree.items) warnOfNumbers(item, report);
  if (tree.kind === 'map') for (const { value } of tree.entries.values()) warnOfNumbers(value, report);
  if (tree.kind !== 'scalar' || typeof tree.value !== 'number' || tree.source === String(tree.value)) return;
  report.add(tree.range, {
    severity: 'warning',
    code: 'yaml-number',
    message: `${tree.source} is read as the number ${tree.value}; put it in quotes`,
    next: `"${tree.source}"`,
  });
}
