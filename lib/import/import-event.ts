import { type ArchweaveError, isArchweaveError } from '../errors.ts';
import { duration } from '../image/format-duration.ts';
import { formatSize as size } from '../image/format-size.ts';
import { printable } from '../image/printable.ts';
import type { TagPlace } from '../rules/import-scope.ts';
import type { ImportResult } from './import-image.ts';
import type { ByteCount } from './progress.ts';
import { streamWords } from './server-side-way.ts';

/** What others are told of an import; docs/events has a JSON Schema of the `detail` of each `type`. */
export interface ImportEvent {
  readonly source: 'archweave';
  readonly type: 'Import Finished' | 'Import Failed';
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface ImportFacts {
  /** The import's name. */
  readonly name: string;
  readonly source: TagPlace;
  readonly target: TagPlace;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Version of `detail`. Fields are only ever added to it. */
const VERSION = 1;

type Copied = Extract<ImportResult, { readonly kind: 'copied' }>;

/** `team/app:1.4.0 is copied to contoso.azurecr.io/mirror/team/app:1.4.0: 240.1 MB in 21 s, verified`. */
export function importFinished(facts: ImportFacts, { outcome }: Pick<Copied, 'outcome'>): ImportEvent {
  const { dropped, bytes, digest, tags, fetched = 0, streamed } = outcome;
  const left =
    dropped.length === 0
      ? ''
      : `; left out: ${dropped.length}, the registry refuses ${dropped.length === 1 ? 'it' : 'them'}`;
  const message = `${nameOf(facts.source)} is copied to ${referenceOf(facts.target)}: ${size(bytes.copied + fetched)} in ${took(facts.ms)}, verified${left}`;
  return eventOf('Import Finished', facts, {
    message,
    digest,
    tags,
    bytes: bytes.copied,
    skipped: bytes.had,
    fetched,
    streamed:
      streamed === undefined ? null : { code: streamed.code, reason: printable(streamWords(streamed)) },
    dropped: dropped.map(({ digest: of, artifactType, code, reason }) => ({
      digest: of,
      artifactType: artifactType ?? null,
      code,
      reason: printable(reason),
    })),
    reference: `${facts.target.registry}/${facts.target.repository}@${digest}`,
  });
}

/** Given up, or (once an hour) still trying. `reached` says how far it came, where that is known. */
export function importFailed(
  facts: ImportFacts,
  error: unknown,
  { retrying, reached }: { readonly retrying: boolean; readonly reached?: ByteCount },
): ImportEvent {
  const { code, reason } = factsOf(error);
  const there =
    reached && reached.total > 0
      ? ` ${size(reached.copied + reached.had)} of ${size(reached.total)} are there; it goes on from there.`
      : '';
  const message = `${nameOf(facts.source)} is not copied to ${referenceOf(facts.target)}: ${reason}.${there}`;
  return eventOf('Import Failed', facts, {
    message,
    code,
    reason,
    retrying,
    resumable: true,
    bytes: reached === undefined ? null : reached.copied + reached.had,
    total: reached?.total ?? null,
  });
}

function eventOf(
  type: ImportEvent['type'],
  { name, source, target, now, ms }: ImportFacts,
  more: Readonly<Record<string, unknown>>,
): ImportEvent {
  const { message, ...rest } = more;
  const detail = { version: VERSION, message, import: name, source, target, ...rest, ms: Math.round(ms) };
  return { source: 'archweave', type, time: new Date(now).toISOString(), detail };
}

/** Words of errors that nobody made for people may hold anything, so they are told to nobody. */
function factsOf(error: unknown): Pick<ArchweaveError, 'code' | 'reason'> {
  if (isArchweaveError(error)) return { code: error.code, reason: printable(error.reason) };
  return { code: 'internal', reason: 'this is a bug in archweave' };
}

function nameOf({ repository, tag }: TagPlace): string {
  return `${repository}:${tag}`;
}

function referenceOf({ registry, repository, tag }: TagPlace): string {
  return `${registry}/${repository}:${tag}`;
}

function took(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : duration(ms);
}
