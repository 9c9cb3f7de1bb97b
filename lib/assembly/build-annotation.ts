import type { Build } from '../rules/build.ts';

/**
 * On every OCI index that archweave writes: the captures that the target's tag does not tell (none for a target of
 * one build), and the value that orders builds where that is a label or a time. It is how an index is known as ours
 * and how old it is; how builds are compared is the rule's business and never stored.
 */
export const BUILD_ANNOTATION = 'dev.archweave.build';

export const REVISION_ANNOTATION = 'org.opencontainers.image.revision';

export function formatBuild({ captures, newest }: Build): string {
  const sorted = Object.fromEntries(Object.entries(captures).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(newest === undefined ? { captures: sorted } : { captures: sorted, newest });
}

/** Undefined for anything that archweave does not write: a stranger's annotation is not ours. */
export function parseBuild(text: string): Build | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value.captures)) return undefined;
  const captures = Object.entries(value.captures);
  if (!captures.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return undefined;
  if (value.newest !== undefined && typeof value.newest !== 'string') return undefined;
  return {
    captures: Object.fromEntries(captures),
    ...(value.newest === undefined ? {} : { newest: value.newest }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
