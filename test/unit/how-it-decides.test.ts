import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ReasonCode } from '../../lib/assembly/reasons.ts';

/** The compiler sees to it that no reason is left out here. */
const REASONS: Record<ReasonCode, true> = {
  unreadable: true,
  withdrawn: true,
  mislabelled: true,
  'duplicate-platform': true,
  'mixed-builds': true,
  'immutable-tag': true,
  'too-large': true,
  'two-rules': true,
  'foreign-target': true,
  unordered: true,
  'child-gone': true,
  contested: true,
  locked: true,
  quarantined: true,
  'soft-deleted': true,
  refused: true,
  'missing-platform': true,
  partial: true,
  'optional-grace': true,
  'newer-build': true,
  'same-bytes': true,
  'members-removed': true,
  'before-archweave': true,
  'past-horizon': true,
  pinned: true,
  'unwanted-platform': true,
  'no-clobber': true,
  'no-rule': true,
};

describe('docs/how-it-decides.md', () => {
  const page = readFileSync(new URL('../../docs/how-it-decides.md', import.meta.url), 'utf8');

  for (const reason of Object.keys(REASONS))
    it(`says when the reason is ${reason}`, () => {
      expect(page).toContain(`\`${reason}\``);
    });
});
