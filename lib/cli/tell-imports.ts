import type { ArchweaveError } from '../errors.ts';
import { duration } from '../image/format-duration.ts';
import { formatSize } from '../image/format-size.ts';
import { printable } from '../image/printable.ts';
import { type EgressCost, egressCost } from '../import/egress-cost.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { digestOf, type ImportCost, type ImportedImage, importDocument } from './import-document.ts';
import type { ManyImages } from './import-many.ts';
import { errorDocument } from './print-error.ts';
import { bytesToMove, copiedLines, costText } from './tell-import.ts';
import type { Terminal } from './terminal.ts';

export interface FailedImport {
  /** `HOST/REPO:TAG -> HOST/REPO:TAG`, or the import that could not be listed. */
  readonly what: string;
  readonly error: ArchweaveError;
}

export interface ManyImported {
  readonly request: ManyImages;
  /** How many there were to copy. */
  readonly tasks: number;
  readonly done: readonly ImportedImage[];
  readonly failed: readonly FailedImport[];
  readonly cost: ImportCost;
}

/** Of a registry that refuses a thousand times, ten lines say enough; --json has all. */
const MOST_LINES = 10;

/** What is left out is told with its image, and each image's end where nobody sees a bar. */
export function sayDone({ source, result, hosts }: ImportedImage, terminal: Terminal): void {
  if (result.kind !== 'copied') return;
  const [, ...left] = copiedLines(result.plan, result.outcome, 0, hosts.target);
  const { fetched, bytes } = result.outcome;
  const how =
    fetched === undefined
      ? `${formatSize(bytes.copied)} moved`
      : `${hosts.target} fetched ${formatSize(fetched)} itself`;
  if (!terminal.animated) terminal.note(`copied ${source}: ${how}`);
  for (const line of left) terminal.say(`${source}: ${line}`);
}

/** The failures, the sum, and what goes to stdout. */
export function manyAnswer(many: ManyImported, { terminal, signal }: Invocation): Answer {
  const { request, tasks, done, failed, cost } = many;
  const { flags } = request;
  for (const { what, error } of failed.slice(0, MOST_LINES))
    terminal.say(`failed: ${printable(what)}: ${printable(error.message)}  [${error.code}]`);
  if (failed.length > MOST_LINES) terminal.say(`failed: ${failed.length - MOST_LINES} more; --json has all`);
  if (signal.aborted) {
    terminal.say(`stopped: ${done.length} of ${tasks} images are there. The same command goes on from here.`);
  } else if (!flags.dryRun) terminal.note(sumLine(many));
  const images = done.toSorted((a, b) => (a.source < b.source ? -1 : 1));
  const text = flags.dryRun
    ? dryText(images)
    : images.map(({ target, result }) => `${target}@${digestOf(result)}\n`).join('');
  const stopped = signal.aborted && { error: { code: 'interrupted' } };
  const document = {
    ...(flags.dryRun && { dryRun: true }),
    ...importDocument(images, cost, endsOf(request)),
    failed: failed.map(({ what, error }) => ({ what, ...errorDocument(error) })),
    ...(failed.length > 0 && { error: errorDocument(failed[0]!.error) }),
    ...stopped,
  };
  return { exit: signal.aborted ? EXIT.interrupted : exitOf(failed), text, document };
}

function sumLine({ done, failed, cost }: ManyImported): string {
  const results = done.map(({ result }) => result);
  const copied = results.filter(({ kind }) => kind === 'copied').length;
  const bytes = results.reduce(
    (sum, result) => sum + (result.kind === 'copied' ? result.outcome.bytes.copied : 0),
    0,
  );
  const facts = [
    `copied ${images(copied)}`,
    ...(done.length > copied ? [`${done.length - copied} already there`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
  ];
  return `${facts.join(', ')}: ${formatSize(bytes)} moved, ${duration(cost.ms)}, ${cost.requests.source + cost.requests.target} requests`;
}

function dryText(done: readonly ImportedImage[]): string {
  const planned = done.flatMap(image =>
    image.result.kind === 'planned' ? [{ ...image, plan: image.result.plan }] : [],
  );
  const lines = planned.map(
    ({ source, target, plan }) => `${source} -> ${target}  ${formatSize(bytesToMove(plan))}`,
  );
  const bytes = planned.reduce((sum, { plan }) => sum + bytesToMove(plan), 0);
  const costs = planned.map(({ hosts, plan }) => egressCost(hosts.source, hosts.target, bytesToMove(plan)));
  const there = done.length - planned.length;
  const kept = there === 0 ? '' : `, ${there} already there`;
  return `${[...lines, `would copy ${images(planned.length)}${kept}: ${formatSize(bytes)}; egress ${costText(sumOf(costs))}`].join('\n')}\n`;
}

function sumOf(costs: readonly EgressCost[]): EgressCost {
  const unknown = costs.find(({ kind }) => kind === 'unknown');
  if (unknown !== undefined) return unknown;
  const known = costs.filter(cost => cost.kind === 'known');
  const why = [...new Set(known.map(cost => cost.why))].join('; ');
  const sum = (of: 'low' | 'high') => known.reduce((all, cost) => all + cost[of], 0);
  return { kind: 'known', low: sum('low'), high: sum('high'), why: why === '' ? 'nothing is moved' : why };
}

/** What failed is worse than what was held. */
function exitOf(failed: readonly FailedImport[]): ExitCode {
  const codes = failed.map(({ error }) => exitCodeOf(error));
  if (codes.length === 0) return EXIT.ok;
  return codes.every(code => code === EXIT.held) ? EXIT.held : EXIT.failed;
}

function endsOf(request: ManyImages) {
  if (request.kind === 'tags') {
    const { source, target } = request;
    return { source: `${source.host}/${source.repository}`, target: `${target.host}/${target.repository}` };
  }
  const [job, ...others] = request.jobs;
  if (job === undefined || others.length > 0) return { source: null, target: null };
  return {
    source: `${job.from.registry}/${job.from.pattern}`,
    target: `${job.to.registry}/${job.to.repository}`,
  };
}

function images(count: number): string {
  return `${count} ${count === 1 ? 'image' : 'images'}`;
}
