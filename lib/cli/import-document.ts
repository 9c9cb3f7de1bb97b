import { formatPlatform } from '../image/platform.ts';
import { egressCost } from '../import/egress-cost.ts';
import type { ImportResult } from '../import/import-image.ts';
import { streamWords } from '../import/server-side-way.ts';
import { bytesToMove } from './tell-import.ts';

export interface ImportedImage {
  /** References, as the command line has them. */
  readonly source: string;
  readonly target: string;
  readonly hosts: { readonly source: string; readonly target: string };
  readonly tag: string | null;
  readonly result: ImportResult;
}

export interface ImportCost {
  readonly ms: number;
  readonly requests: { readonly source: number; readonly target: number };
}

/** The document of `import --json` for one image; of many, `images` has them all and `source` and `target` the job's. */
export function importDocument(
  images: readonly ImportedImage[],
  { ms, requests }: ImportCost,
  job?: { readonly source: string | null; readonly target: string | null },
): Readonly<Record<string, unknown>> {
  const [first] = images;
  const only = job === undefined ? first : undefined;
  return {
    source: job === undefined ? (first?.source ?? null) : job.source,
    target: job === undefined ? (first?.target ?? null) : job.target,
    digest: only === undefined ? null : digestOf(only.result),
    images: images.map(imageRow),
    dropped: images.flatMap(({ result }) =>
      result.kind === 'copied' ? result.outcome.dropped.map(droppedRow) : [],
    ),
    seconds: ms / 1000,
    requests: { ...requests },
  };
}

function imageRow({ source, target, hosts, tag, result }: ImportedImage) {
  return {
    source,
    target,
    tag,
    digest: digestOf(result),
    platforms:
      result.kind === 'unchanged'
        ? null
        : result.plan.images.flatMap(({ platform }) =>
            platform === undefined ? [] : [formatPlatform(platform)],
          ),
    bytes: bytesOf(result),
    changed: result.kind === 'copied',
    ...fetchedOf(result),
    ...(result.kind === 'planned' && {
      wouldMove: bytesToMove(result.plan),
      egress: egressCost(hosts.source, hosts.target, bytesToMove(result.plan)),
    }),
  };
}

export function digestOf(result: ImportResult): string {
  switch (result.kind) {
    case 'unchanged':
      return result.digest;
    case 'copied':
      return result.outcome.digest;
    case 'planned':
      return result.plan.root.digest;
  }
}

/** What the target's registry fetched by itself, or why it did not, where it could have. */
function fetchedOf(result: ImportResult) {
  if (result.kind !== 'copied') return {};
  const { fetched, streamed } = result.outcome;
  return {
    ...(fetched !== undefined && { fetched }),
    ...(streamed && { streamed: { code: streamed.code, reason: streamWords(streamed) } }),
  };
}

/** Of an image that was there already, nothing was counted. */
function bytesOf(result: ImportResult) {
  if (result.kind === 'unchanged') return null;
  const { copied, had, total } = result.kind === 'copied' ? result.outcome.bytes : result.plan.bytes;
  return { copied, skipped: had, total };
}

function droppedRow({
  digest,
  artifactType,
  code,
  reason,
}: {
  digest: string;
  artifactType?: string;
  code: string;
  reason: string;
}) {
  return { digest, artifactType: artifactType ?? null, code, reason };
}
