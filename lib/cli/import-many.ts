import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { formatReference } from '../image/reference.ts';
import type { CopyRequest } from '../import/copy-request.ts';
import { importImage } from '../import/import-image.ts';
import { rateLimit } from '../import/rate-limit.ts';
import type { TagPlace } from '../rules/import-scope.ts';
import type { Answer, Invocation } from './command.ts';
import type { ImportedImage } from './import-document.ts';
import { type ImportEnds, openEnds } from './import-ends.ts';
import { ImportProgress } from './import-progress.ts';
import { copyOf, type ImportFlags, type ImportRequest, isWanted } from './import-request.ts';
import { naturalOrder } from './natural-order.ts';
import { mistake } from './parse-arguments.ts';
import { type FailedImport, manyAnswer, sayDone } from './tell-imports.ts';
import { uploadNotes } from './upload-notes.ts';
import { whileStopping } from './while-stopping.ts';

export type ManyImages = Exclude<ImportRequest, { readonly kind: 'image' }>;

/** One image of many. */
interface Task {
  readonly source: TagPlace;
  readonly target: TagPlace;
  readonly copy: CopyRequest;
}

/** Of each image when several are on their way: together they are as many as one image's four. */
const BLOBS_AT_ONCE = 2;

/**
 * Copies many images, some side by side. One that fails keeps no other back; it is told at the end, and the exit
 * status is 1 then.
 */
export async function importMany(request: ManyImages, invocation: Invocation): Promise<Answer> {
  const { terminal, now, signal } = invocation;
  const { dryRun } = request.flags;
  if (!dryRun) refuseWithoutPerson(invocation);
  const ends = openEnds(invocation, request.settings);
  const since = now();
  const failed: FailedImport[] = [];
  const tasks = await listTasks(request, ends, invocation, failed);
  if (!dryRun && tasks.length > 0) await confirmed(tasks.length, invocation);
  const progress = new ImportProgress({ terminal, now, images: tasks.length });
  const done: ImportedImage[] = [];
  try {
    const work = copyAll(tasks, { request, ends, invocation, progress, done, failed });
    await whileStopping(work, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  } finally {
    progress.clear();
  }
  const cost = { ms: now() - since, requests: ends.requests };
  return manyAnswer({ request, tasks: tasks.length, done, failed, cost }, invocation);
}

function refuseWithoutPerson({ flags, confirm, common }: Invocation): void {
  if (flags.has('yes') || (confirm !== undefined && !common.json)) return;
  throw mistake('import would copy many images and nobody is here to confirm. Add --yes.');
}

async function confirmed(count: number, { flags, confirm, signal }: Invocation): Promise<void> {
  if (flags.has('yes') || confirm === undefined) return;
  const images = `${count} ${count === 1 ? 'image' : 'images'}`;
  const agreed = await whileStopping(confirm(`Copy ${images}? [y/N] `), signal, 0);
  if (!agreed) throw mistake('nothing was copied.');
}

async function listTasks(
  request: ManyImages,
  ends: ImportEnds,
  invocation: Invocation,
  failed: FailedImport[],
): Promise<readonly Task[]> {
  const { signal, terminal } = invocation;
  const { flags } = request;
  if (request.kind === 'tags') return await listTags(request, ends, signal);
  const { listImages } = await import('../import/list-images.ts');
  const tasks: Task[] = [];
  for (const job of request.jobs) {
    terminal.live([`reading the tags of ${job.name} ...`]);
    const source = ends.source({ host: job.from.registry });
    try {
      const images = await listImages(job, request.config.rules, source, { signal });
      const wanted = images.filter(({ source: { tag } }) => isWanted(tag, flags));
      tasks.push(...wanted.map(one => ({ ...one, copy: copyOf(one.source.tag, flags, job) })));
    } catch (error) {
      if (request.jobs.length === 1 || signal.aborted || !isArchweaveError(error)) throw error;
      failed.push({ what: `import "${job.name}"`, error });
    }
  }
  terminal.live([]);
  return tasks.toSorted(byPlace);
}

async function listTags(
  { source, target, flags }: Extract<ManyImages, { readonly kind: 'tags' }>,
  ends: ImportEnds,
  signal: AbortSignal,
): Promise<readonly Task[]> {
  const { host, repository } = source;
  const tasks: Task[] = [];
  for await (const page of ends.source(source).listTags(repository, { signal })) {
    for (const { tag } of page) {
      if (!isWanted(tag, flags)) continue;
      tasks.push({
        source: { registry: host, repository, tag },
        target: { registry: target.host, repository: target.repository, tag },
        copy: copyOf(tag, flags),
      });
    }
  }
  if (tasks.length === 0) {
    throw new ArchweaveError({
      code: 'not-found',
      attempt: `copy the tags ${flags.tags.join(' ')} of ${formatReference(source)}`,
      side: 'source',
      reference: formatReference(source),
      next: `archweave list ${formatReference(source)}`,
    });
  }
  return tasks.toSorted(byPlace);
}

function byPlace({ source: a }: Task, { source: b }: Task): number {
  return naturalOrder(a.repository, b.repository) || naturalOrder(a.tag, b.tag);
}

interface CopyAll {
  readonly request: ManyImages;
  readonly ends: ImportEnds;
  readonly invocation: Invocation;
  readonly progress: ImportProgress;
  readonly done: ImportedImage[];
  readonly failed: FailedImport[];
}

async function copyAll(tasks: readonly Task[], all: CopyAll): Promise<void> {
  const { request, ends, invocation, progress, done, failed } = all;
  const { signal, terminal } = invocation;
  const { flags } = request;
  const copying = { ...sharedLimit(flags), notes: uploadNotes(invocation), signal };
  const queue = tasks.values();
  const lane = async (): Promise<void> => {
    for (const task of queue) {
      if (signal.aborted) return;
      const { source, target, copy } = task;
      const names = { source: nameOf(source), target: nameOf(target) };
      const running = progress.begin(`${source.repository}:${source.tag}`, target.registry);
      try {
        const result = await importImage(
          {
            request: copy,
            source: { ...endOf(source), registry: ends.source(schemed(source, request, 'source')) },
            target: { ...endOf(target), registry: ends.target(schemed(target, request, 'target')) },
          },
          { ...copying, dryRun: flags.dryRun, onProgress: running.onProgress },
        );
        const hosts = { source: source.registry, target: target.registry };
        const image = { ...names, hosts, tag: target.tag, result };
        done.push(image);
        sayDone(image, terminal);
      } catch (error) {
        if (signal.aborted) return;
        if (!isArchweaveError(error)) throw error;
        failed.push({ what: `${names.source} -> ${names.target}`, error });
      } finally {
        running.end();
      }
    }
  };
  await Promise.all(Array.from({ length: flags.jobs }, lane));
}

/** One bucket for all images; each of them sends few blobs at once. */
function sharedLimit({ limitRate }: ImportFlags) {
  if (limitRate === undefined) return { parallel: BLOBS_AT_ONCE };
  return { parallel: BLOBS_AT_ONCE, limitRate, limit: rateLimit(limitRate) };
}

function schemed({ registry }: TagPlace, request: ManyImages, side: 'source' | 'target') {
  const scheme = request.kind === 'tags' ? request[side].scheme : undefined;
  return { host: registry, ...(scheme && { scheme }) };
}

function endOf({ registry, repository }: TagPlace) {
  return { host: registry, repository };
}

function nameOf({ registry, repository, tag }: TagPlace): string {
  return formatReference({ host: registry, repository, tag });
}
