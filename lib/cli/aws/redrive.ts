import type { Redriven, SeenLetter } from '../../deployment/redrive.ts';
import { printable } from '../../image/printable.ts';
import type { Answer, Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatAgo, formatTime } from '../format-time.ts';
import { namedDeployment, stackName } from './stack-flag.ts';

/** `aws redrive`: what waits in the dead letters, why, and once more with it. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { common, flags, signal, now } = invocation;
  const dryRun = flags.has('dry-run');
  const deployment = await namedDeployment(invocation);
  const { redriveDeployment } = await import('../../deployment/aws/redrive-deployment.ts');
  const redriven = await redriveDeployment(deployment, {
    timeout: common.timeout,
    dryRun,
    began: now(),
    signal,
  });
  const stack = stackName(invocation);
  const failed = redriven.letters.filter(({ result }) => result === 'failed').length;
  return {
    exit: failed > 0 ? EXIT.failed : EXIT.ok,
    text: textOf(redriven, { stack, region: deployment.region, dryRun, now: now() }),
    document: {
      stack,
      region: deployment.region,
      dryRun,
      letters: redriven.letters.map(({ way, ...letter }) => ({ ...letter, to: way.to })),
      behind: redriven.behind,
    },
  };
}

interface Told {
  readonly stack: string;
  readonly region: string;
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function textOf({ letters, behind }: Redriven, { stack, region, dryRun, now }: Told): string {
  if (letters.length === 0 && behind === 0) return `No dead letters in ${stack}, ${region}.\n`;
  const command = `archweave aws redrive${stack === 'Archweave' ? '' : ` --stack ${stack}`}`;
  const moved = letters.filter(({ result }) => result === 'moved').length;
  const more = behind === 0 ? '' : `, and ${behind} behind these`;
  const last = dryRun
    ? [`Nothing was moved. To try them again: ${command}`]
    : [
        `${moved} of ${letters.length} are on their way again.`,
        ...(behind === 0 ? [] : [`For the rest: ${command}`]),
      ];
  return `${[
    `${counted(letters.length)} in ${stack}, ${region}${more}:`,
    '',
    ...letters.flatMap(letter => [...linesOf(letter, now), '']),
    ...last,
  ].join('\n')}\n`;
}

function linesOf(
  { box, about, reason, since, tries, result, error }: SeenLetter,
  now: number,
): readonly string[] {
  const tried = tries === undefined ? '' : `; tried ${tries === 1 ? 'once' : `${tries} times`}`;
  const lines = [
    `${box.padEnd(7)}${printable(about)}`,
    `       ${reason.code}: ${printable(reason.message)}`,
    `       since ${formatTime(since)}, ${formatAgo(since, now)}${tried}`,
  ];
  if (result === 'failed') lines.push(`       stays: ${printable(error ?? '')}`);
  return lines;
}

function counted(letters: number): string {
  return letters === 1 ? '1 dead letter' : `${letters} dead letters`;
}
