import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import type { TagLister } from '../../registry/interfaces.ts';
import type { ImportRule } from '../../rules/import-rule.ts';
import type { Invocation } from '../command.ts';
import type { OnlineResult } from './online-check.ts';
import { wrong } from './wrong.ts';

export interface ImportEnds {
  readonly host: string;
  readonly registry: TagLister;
  readonly imports: readonly ImportRule[];
  readonly invocation: Pick<Invocation, 'signal'>;
}

/** Whether the repositories that imports name here can be read; what has a pattern is found when it is copied. */
export async function readImportEnds({ host, registry, imports, invocation }: ImportEnds) {
  const sources = new Set(
    imports.flatMap(({ from }) =>
      from.registry === host && !from.pattern.includes('*') ? [from.pattern] : [],
    ),
  );
  const targets = new Set(
    imports.flatMap(({ to }) =>
      to.registry === host && !to.repository.includes('{') ? [to.repository] : [],
    ),
  );
  const results: OnlineResult[] = [];
  for (const repository of sources) results.push(await readEnd('source', repository));
  for (const repository of targets) results.push(await readEnd('target', repository));
  return results;

  async function readEnd(check: 'source' | 'target', repository: string): Promise<OnlineResult> {
    try {
      if (await hasTags(repository)) return { check, verdict: 'ok', message: `${repository} can be read` };
      if (check === 'target') return { check, verdict: 'ok', message: `${repository} is not there yet` };
      return wrong(check, nothingThere(`${host}/${repository}`));
    } catch (error) {
      if (!isArchweaveError(error)) throw error;
      return wrong(check, error);
    }
  }

  async function hasTags(repository: string): Promise<boolean> {
    for await (const page of registry.listTags(repository, { signal: invocation.signal }))
      if (page.length > 0) return true;
    return false;
  }
}

function nothingThere(reference: string): ArchweaveError {
  return new ArchweaveError({
    code: 'no-repository',
    attempt: `read ${reference}`,
    reason: 'there is no such repository, or it has no tags',
    reference,
  });
}
