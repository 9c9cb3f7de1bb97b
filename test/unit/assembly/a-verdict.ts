import type { Decision } from '../../../lib/assembly/decide.ts';
import type { Verdict } from '../../../lib/assembly/examine.ts';
import { type Circumstances, groupDocument } from '../../../lib/assembly/group-document.ts';
import type { Member } from '../../../lib/assembly/observation.ts';
import type { Reason } from '../../../lib/assembly/reasons.ts';
import type { Platform } from '../../../lib/image/platform.ts';
import { digest, image, MISSING, target } from './a-question.ts';
import { aRule, HOST, START } from './a-world.ts';

export const AMD64: Platform = { os: 'linux', architecture: 'amd64' };
export const ARM64: Platform = { os: 'linux', architecture: 'arm64' };
export const RISCV: Platform = { os: 'linux', architecture: 'riscv64' };
const REVISION = 'org.opencontainers.image.revision';
export const RULE = aRule({ platforms: [AMD64, ARM64], optional: [RISCV], overdue: 3_600_000 });
export const EARLY = '2026-11-22T09:30:00+01:00';
export const LATE = '2026-11-22T09:00:00Z';

export function member(
  letter: string,
  platform: Platform,
  more: { pushedAt?: string; revision?: string } = {},
): Member {
  const { pushedAt, revision } = more;
  const labels = revision === undefined ? {} : { [REVISION]: revision };
  const images = [{ ...image(letter, platform.architecture), labels }];
  const state = { kind: 'present', digest: digest(letter), images, ...(pushedAt && { pushedAt }) } as const;
  return { tag: `1-${platform.architecture}`, claim: {}, platforms: [platform], state };
}

export function without(
  platform: Platform,
  state: Member['state'] = { kind: 'absent' },
  name = platform.architecture,
): Member {
  return { tag: `1-${name}`, claim: {}, platforms: [platform], state };
}

export const waiting = (...codes: Reason['code'][]): Decision => ({
  kind: 'waiting',
  reasons: codes.map(code => (code === 'missing-platform' ? MISSING_REASON : { code })) as Reason[],
});
export const MISSING_REASON: Reason = {
  code: 'missing-platform',
  platforms: ['linux/arm64'],
  present: 1,
  wanted: 2,
};
export function verdict(over: Partial<Verdict> & { members?: readonly Member[] } = {}): Verdict {
  const { members = [member('a', AMD64), without(ARM64), without(RISCV)], ...more } = over;
  return {
    registry: HOST,
    repository: 'app',
    rule: RULE,
    captures: { version: '1' },
    observation: { captures: { version: '1' }, members, targets: [] },
    resolution: MISSING,
    target: target({ kind: 'absent' }),
    build: { captures: {} },
    decision: waiting('missing-platform'),
    ...more,
  };
}

export const of = (over: Parameters<typeof verdict>[0] = {}, circumstances: Partial<Circumstances> = {}) =>
  groupDocument(verdict(over), { now: START, ...circumstances });
