import { isArchweaveError } from '../errors.ts';
import { formatSize } from '../image/format-size.ts';
import { formatReference, type Reference } from '../image/reference.ts';
import { type ImportResult, importImage } from '../import/import-image.ts';
import { registryKind } from '../rules/registry-identity.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { digestOf, importDocument } from './import-document.ts';
import { openEnds } from './import-ends.ts';
import { ImportProgress } from './import-progress.ts';
import type { ImportRequest } from './import-request.ts';
import { errorDocument } from './print-error.ts';
import { copiedLines, plannedText } from './tell-import.ts';
import { uploadNotes } from './upload-notes.ts';
import { whileStopping } from './while-stopping.ts';

type OneImage = Extract<ImportRequest, { readonly kind: 'image' }>;

/** Copies one image, with a bar a platform. */
export async function importOne(request: OneImage, invocation: Invocation): Promise<Answer> {
  const { source, target, copy, settings, flags } = request;
  const { terminal, now, signal, env } = invocation;
  if (isReplication(request)) {
    terminal.note('note: ECR replication copies under one name by itself, as soon as something is pushed');
  }
  const ends = openEnds(invocation, settings);
  const names = { source: formatReference(bare(source)), target: formatReference(bare(target)) };
  const notes = uploadNotes({ env });
  const progress = new ImportProgress({ terminal, now });
  const running = progress.begin(names.source, target.host);
  const since = now();
  const { jobs: parallel, limitRate, dryRun } = flags;
  let cutOff = false;
  let moved = 0;
  let noting = Promise.resolve();
  try {
    cutOff = await notes.wasCutOff(names.target);
    const importing = importImage(
      {
        request: copy,
        source: { registry: ends.source(source), host: source.host, repository: source.repository },
        target: { registry: ends.target(target), host: target.host, repository: target.repository },
      },
      {
        signal,
        dryRun,
        parallel,
        notes,
        onProgress: at => {
          moved = at.total.copied;
          running.onProgress(at);
        },
        onPlan: ({ bytes }) => {
          if (cutOff && bytes.had > 0)
            terminal.note(`resuming: ${formatSize(bytes.had)} of ${formatSize(bytes.total)} is there`);
          noting = notes.begin(names.target);
        },
        ...(limitRate !== undefined && { limitRate }),
      },
    );
    const result = await whileStopping(importing, signal);
    await noting;
    if (result.kind !== 'planned') await notes.end(names.target);
    if (result.kind === 'copied') progress.finish();
    else progress.clear();
    const cost = { ms: now() - since, requests: ends.requests };
    tell(result, request, invocation, cost);
    return answer(result, request, cost, names);
  } catch (error) {
    await noting;
    // Nothing to resume: what the next run finds there is not from this one.
    if (!cutOff && moved === 0) await notes.end(names.target);
    const { percent } = progress;
    progress.clear();
    if (!signal.aborted) throw error;
    terminal.say(
      percent === undefined
        ? 'stopped before anything was copied.'
        : `stopped at ${percent} %. The same command goes on from here.`,
    );
    return {
      exit: EXIT.interrupted,
      document: { ...names, error: isArchweaveError(error) ? errorDocument(error) : { code: 'interrupted' } },
    };
  }
}

/** From ECR to another ECR, under one name and with everything in it. */
function isReplication({ source, target, copy }: OneImage): boolean {
  const isEcr = [source, target].every(({ host }) => registryKind(host) === 'ecr');
  const isWhole = copy.platforms === undefined && copy.split === undefined;
  return isEcr && isWhole && source.host !== target.host && source.repository === target.repository;
}

function tell(
  result: ImportResult,
  { target }: OneImage,
  { terminal }: Invocation,
  {
    ms,
    requests,
  }: { readonly ms: number; readonly requests: { readonly source: number; readonly target: number } },
): void {
  if (result.kind === 'unchanged')
    terminal.note(`already there, ${requests.source + requests.target} requests`);
  if (result.kind !== 'copied') return;
  const [first, ...others] = copiedLines(result.plan, result.outcome, ms, target.host);
  terminal.note(first!);
  for (const line of others) terminal.say(line);
}

function answer(
  result: ImportResult,
  { source, target, flags }: OneImage,
  cost: { readonly ms: number; readonly requests: { readonly source: number; readonly target: number } },
  names: { readonly source: string; readonly target: string },
): Answer {
  const { host, repository } = target;
  const hosts = { source: source.host, target: host };
  const image = { ...names, hosts, tag: target.tag ?? null, result };
  const document = { ...(flags.dryRun && { dryRun: true }), ...importDocument([image], cost) };
  const text =
    result.kind === 'planned'
      ? plannedText(result.plan, { ...hosts, name: names.target })
      : `${formatReference({ host, repository })}@${digestOf(result)}\n`;
  return { exit: EXIT.ok, text, document };
}

function bare({ scheme: _, ...reference }: Reference): Reference {
  return reference;
}
