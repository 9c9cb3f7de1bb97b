/**
 * What one index costs in calls, counted through the deployed functions, and what a million pushes cost in dollars:
 * `npm run bench:cost [-- --write]`. With --write the bill goes into docs/aws.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '../test/support/find-tool.ts';
import { type CountedStep, startIndexLives } from '../test/support/index-life.ts';
import { billOf, billTable, usageOf } from './support/bill.ts';
import { fillMarked } from './support/fill-marked.ts';
import { printTable } from './support/print-table.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** What the last push may cost its registry, cold: the account shares these calls with its own builds. */
const LIMITS = { 'ECR.PutImage': 1, 'ECR.BatchGetImage': 3, 'ECR.GetDownloadUrlForLayer': 2 } as const;

const INTRODUCTION = `For a million pushes, which make half a million indexes of two members each, at the list prices of us-east-1
(\`bench/support/prices.ts\` has them, with their sources, their date and what is assumed). \`npm run bench:cost\` counts
the calls:`;

const lives = await startIndexLives();
try {
  const cold = await lives.live('1.0', { coldLastPush: true });
  print('The life of an index of two members; a cold function takes the last push', cold);
  const warm = await lives.live('2.0');
  print('The same, all warm', warm);

  const lastPush = cold.find(({ step }) => step === 'last push')!.assemble;
  for (const [call, limit] of Object.entries(LIMITS)) {
    const count = lastPush[call] ?? 0;
    console.log(`${call} on the last push, cold: ${count} (at most ${limit})`);
    if (count > limit) process.exitCode = 1;
  }

  const table = billTable(billOf(usageOf(warm)));
  console.log(`\nA million pushes, half a million indexes, at list prices of us-east-1:\n\n${table}`);
  if (values.write) write(table);
} finally {
  await lives.stop();
}

function print(title: string, steps: readonly CountedStep[]): void {
  const names = [
    ...new Set(steps.flatMap(({ receive, assemble }) => [...Object.keys(receive), ...Object.keys(assemble)])),
  ].toSorted();
  const counts = (name: string) =>
    steps.map(({ receive, assemble }) => (receive[name] ?? 0) + (assemble[name] ?? 0));
  console.log(`\n${title}`);
  printTable([
    ['', ...steps.map(({ step }) => step), 'together'],
    ...names.map(name => [name, ...counts(name), counts(name).reduce((sum, count) => sum + count, 0)]),
  ]);
  console.log();
}

function write(table: string): void {
  const path = join(PROJECT_ROOT, 'docs', 'aws.md');
  const filled = fillMarked(readFileSync(path, 'utf8'), 'bench:cost', `\n${INTRODUCTION}\n\n${table}\n`);
  if (filled === undefined) throw new Error(`${path} has no place marked <!-- bench:cost -->`);
  writeFileSync(path, filled);
  console.log(`\nwritten into ${path}`);
}
