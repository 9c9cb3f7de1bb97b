import { type Decision, decide, type Question } from '../../../lib/assembly/decide.ts';
import type { MemberImage, Target, TargetState } from '../../../lib/assembly/observation.ts';
import type { Chosen, Resolution } from '../../../lib/assembly/resolve.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { meaningOf } from '../../../lib/image/meaning.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import type { Published } from '../../../lib/ledger/interface.ts';
import { aRule, START } from './a-world.ts';

export const MINUTE = 60_000;
export const LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['run'] },
});
export const BY_TIME = aRule({ members: '{run}-{arch}', targets: ['latest'], newest: { by: 'created' } });
export const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

export function image(letter: string, architecture: string): MemberImage {
  const platform = { os: 'linux', architecture };
  const descriptor = { mediaType: OCI_MANIFEST, digest: digest(letter), size: 500, platform };
  return { descriptor, labels: {}, annotations: {}, attached: [] };
}

export function choice(letter: string, architecture: string, more: Partial<Chosen> = {}): Chosen {
  const wanted = { os: 'linux', architecture };
  return { wanted, required: true, tag: `1-${architecture}`, image: image(letter, architecture), ...more };
}

export const AB = [choice('a', 'amd64'), choice('b', 'arm64')];

export function complete(over: Partial<Extract<Resolution, { kind: 'complete' }>> = {}): Resolution {
  const chosen = over.chosen ?? AB;
  const present = chosen.map(one => one.image.descriptor.digest);
  return { kind: 'complete', chosen, missingOptional: [], labelled: true, present, ...over };
}

export function holding(letters: readonly [string, string][], more: object = {}): TargetState {
  const children = letters.map(([letter, architecture]) => image(letter, architecture).descriptor);
  const meaning = meaningOf({ kind: 'index', manifests: children, annotations: {} });
  return {
    kind: 'own',
    digest: digest('f'),
    meaning,
    children,
    build: { captures: {} },
    ...more,
  } as TargetState;
}

export const AB_HELD: readonly [string, string][] = [
  ['a', 'amd64'],
  ['b', 'arm64'],
];
export const OLD: readonly [string, string][] = [
  ['c', 'amd64'],
  ['d', 'arm64'],
];

export function target(state: TargetState, over: Partial<Target> = {}): Target {
  return { tag: '1', shared: false, state, immutable: false, rivals: [], ...over };
}

export function record(over: Partial<Published> = {}): Published {
  const required = [digest('a'), digest('b')];
  return { build: { captures: {} }, required, digest: digest('e'), at: '2026-11-22T09:00:00Z', ...over };
}

export function ask(over: Partial<Question> = {}): Decision {
  return decide({
    rule: aRule(),
    repository: 'app',
    target: target({ kind: 'absent' }),
    resolution: complete(),
    build: { captures: {} },
    now: START,
    source: 'event',
    ...over,
  });
}

export const run = (value: string, newest?: string) => ({
  captures: { run: value },
  ...(newest ? { newest } : {}),
});
export const shared = (state: TargetState, over: Partial<Target> = {}) =>
  target(state, { tag: 'latest', shared: true, ...over });
export const told = (decision: Decision) =>
  [decision.kind, ...decision.reasons.map(({ code }) => code)].join(' ');
export const MISSING: Resolution = {
  kind: 'waiting',
  reasons: [{ code: 'missing-platform', platforms: ['linux/arm64'], present: 1, wanted: 2 }],
  present: [digest('a')],
};
