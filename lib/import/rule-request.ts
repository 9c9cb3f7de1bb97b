import type { ImportRule } from '../rules/import-rule.ts';
import type { CopyRequest } from './copy-request.ts';

/** What an import of archweave.yaml asks for of one tag. */
export function ruleRequest({ platforms, referrers, split }: ImportRule, tag: string): CopyRequest {
  return {
    reference: tag,
    tag,
    referrers,
    ...(platforms !== 'all' && { platforms }),
    ...(split && { split: split.text }),
  };
}

/** What of an image is copied, as a text that changes with it: another platform in archweave.yaml makes the copy grow. */
export function askedOf({ platforms, referrers, split }: ImportRule): string {
  return JSON.stringify([platforms, referrers, split?.text ?? null]);
}
