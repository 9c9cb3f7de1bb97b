import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { sameMeaning } from '../image/meaning.ts';
import { MAX_MANIFEST_BYTES } from '../image/read-manifest.ts';
import type { Published } from '../ledger/interface.ts';
import type { Build } from '../rules/build.ts';
import { buildName } from '../rules/group.ts';
import { compareBuilds } from '../rules/order.ts';
import type { Rule } from '../rules/rule.ts';
import { compose, meaningOfChosen } from './compose.ts';
import { firstPublication } from './first-publication.ts';
import type { Target, TargetState } from './observation.ts';
import { byRank, type Reason, shortBuild } from './reasons.ts';
import type { Complete, Resolution } from './resolve.ts';
import { settling } from './settle.ts';
import { immutable, leftAlone } from './untouchable.ts';
import type { Cause } from './wake-up.ts';

/** Everything that a decision rests on. Times are milliseconds since 1970. */
export interface Question {
  readonly rule: Rule;
  readonly repository: string;
  readonly target: Target;
  readonly resolution: Resolution;
  /** The build of the group that is asked about; `newest` as the resolution says. */
  readonly build: Build;
  readonly now: number;
  /** Since when the group waits, as far as the ledger knows; for registries that tell no push times. */
  readonly waitingSince?: number;
  readonly source: Cause['source'];
  /** The largest manifest that the registry takes, in bytes. */
  readonly limit?: number;
}

export interface Publish {
  readonly kind: 'publish';
  readonly manifest: Manifest;
  readonly record: Omit<Published, 'at'>;
  readonly reasons: readonly Reason[];
}

type Settled =
  | Publish
  | { readonly kind: 'waiting'; readonly reasons: readonly Reason[]; readonly dueAt?: number }
  | { readonly kind: 'ignored'; readonly reasons: readonly Reason[]; readonly baseline?: readonly Digest[] }
  | { readonly kind: 'unchanged' | 'held'; readonly reasons: readonly Reason[] };

export type Decision =
  | Settled
  /** Put back by digest what was published: a late write has covered it, and its members are gone. */
  | {
      readonly kind: 'restore';
      readonly digest: Digest;
      /** What counts where it is not readable any more. */
      readonly otherwise: Settled;
      readonly reasons: readonly Reason[];
    };

type Own = Extract<TargetState, { readonly kind: 'own' }>;

/**
 * What is to be done about one target and one group of it: the decision table of docs/how-it-decides.md, in its
 * order, first match wins. Pure: the clock is an argument, and the same question has the same answer for ever.
 */
export function decide(question: Question): Decision {
  const { rule, target, resolution, build } = question;
  const { state, published } = target;
  const own = state.kind === 'own' ? state : undefined;
  const pin = rule.pin[target.tag];

  if (target.rivals.length > 0 && resolution.present.length > 0) return held(twoRules(question));
  if (pin !== undefined) return pinned(question, pin);

  const againstTarget = own && compareBuilds(rule, build, own.build);
  const againstRecord = published && compareBuilds(rule, build, published.build);
  const covered = own && published && coveredLate(rule, own, published);
  if (own && covered && resolution.kind === 'complete' && below(againstRecord))
    return restore(question, resolution, own, covered);
  if (own && below(againstTarget)) return newerThere(question, own);

  if (resolution.kind !== 'complete') return incomplete(question, resolution);

  if (state.kind !== 'absent' && sameIndex(question, state, resolution))
    return unchanged({ code: 'same-bytes' });
  const required = requiredDigests(resolution);

  if (state.kind !== 'own' && published !== undefined) {
    if (againstRecord === undefined) return held(unordered(question, published.build));
    if (againstRecord < 0 || (againstRecord === 0 && sameDigests(required, published.required)))
      return leftAlone(target, published, question.now);
  }
  if (state.kind === 'foreign' && published === undefined && !rule.adopt)
    return held({ code: 'foreign-target', target: fullName(question) });
  if (state.kind !== 'absent' && target.immutable) return immutable(target.tag, state, required, resolution);
  if (state.kind === 'absent' && published === undefined) {
    const notYet = firstPublication(question, resolution, required);
    if (notYet) return notYet;
  }
  if (own && againstTarget === undefined) return held(unordered(question, own.build));
  // Another build that shares an image with the one that is there is whole: only the same build can be half renewed.
  if (own && againstTarget === 0) {
    const settles = settling({
      rule,
      chosen: resolution.chosen,
      labelled: resolution.labelled,
      children: own.children,
      now: question.now,
      since: question.waitingSince,
    });
    if (settles) return settles;
  }
  return writing(question, resolution);
}

function writing(question: Question, resolution: Complete, ...reasons: Reason[]): Settled {
  const put = composed(question, resolution, reasons);
  const bytes = put.manifest.bytes.byteLength;
  const limit = question.limit ?? MAX_MANIFEST_BYTES;
  return bytes > limit ? held({ code: 'too-large', bytes, limit }) : put;
}

function composed(
  { rule, build, target }: Question,
  resolution: Complete,
  reasons: readonly Reason[],
): Publish {
  const { chosen, revision } = resolution;
  const manifest = compose({ rule, chosen, build, revision, shared: target.shared });
  const record = { build, required: requiredDigests(resolution), digest: manifest.digest };
  return { kind: 'publish', manifest, record, reasons };
}

/** What was published, where an older build stands there now: a write landed late. */
function coveredLate(rule: Rule, own: Own, published: Published): Digest | undefined {
  return below(compareBuilds(rule, own.build, published.build)) ? published.digest : undefined;
}

function restore(question: Question, resolution: Complete, own: Own, digest: Digest): Decision {
  const { tag, immutable: fixed } = question.target;
  const otherwise = below(compareBuilds(question.rule, question.build, own.build))
    ? newerThere(question, own)
    : sameIndex(question, own, resolution)
      ? unchanged({ code: 'same-bytes' })
      : writing(question, resolution);
  if (fixed) return held({ code: 'immutable-tag', tag, digest: own.digest });
  return { kind: 'restore', digest, otherwise, reasons: [] };
}

function newerThere({ rule, target }: Question, own: Own): Settled {
  return unchanged({ code: 'newer-build', tag: target.tag, build: named(rule, own) });
}

function below(order: number | undefined): boolean {
  return order !== undefined && order < 0;
}

function held(...reasons: Reason[]): Settled {
  return { kind: 'held', reasons };
}

function unchanged(...reasons: Reason[]): Settled {
  return { kind: 'unchanged', reasons };
}

/** While a pin is there the target holds that build, whatever is newer; other builds do not touch it. */
function pinned(question: Question, pin: string): Decision {
  const { rule, target, resolution, build } = question;
  const reason: Reason = {
    code: 'pinned',
    build: pin,
    where: `${rule.file ?? 'archweave.yaml'}:${rule.line}`,
  };
  if (buildName(rule, build.captures) !== pin) return unchanged(reason);
  if (resolution.kind !== 'complete') {
    if (target.state.kind === 'own' && buildName(rule, target.state.build.captures) === pin)
      return unchanged(reason);
    return { kind: resolution.kind, reasons: [...byRank(resolution.reasons), reason] };
  }
  if (target.state.kind !== 'absent') {
    if (sameIndex(question, target.state, resolution)) return unchanged(reason);
    if (target.immutable) return immutable(target.tag, target.state, requiredDigests(resolution), resolution);
  }
  return writing(question, resolution, reason);
}

/** An index whose members were cleaned up afterwards is no half index; a group without any member is no group. */
function incomplete(
  { target, repository }: Question,
  { kind, reasons, present }: Exclude<Resolution, Complete>,
): Decision {
  const { state } = target;
  if (kind === 'waiting') {
    const inTarget = new Set(state.kind === 'absent' ? [] : state.children.map(({ digest }) => digest));
    const covered = present.every(digest => inTarget.has(digest));
    if (covered && (state.kind === 'own' || present.length > 0))
      return unchanged({ code: 'members-removed' });
    if (present.length === 0)
      return { kind: 'ignored', reasons: [{ code: 'no-rule', target: `${repository}:${target.tag}` }] };
  }
  return { kind, reasons: byRank(reasons) };
}

function requiredDigests({ chosen }: Complete): readonly Digest[] {
  return chosen
    .filter(({ required }) => required)
    .map(({ image }) => image.descriptor.digest)
    .toSorted();
}

/** Meaning, not bytes: else every upgrade would rewrite every index. A shared target's build is part of it. */
function sameIndex(
  { rule, build, target }: Question,
  state: Exclude<TargetState, { kind: 'absent' }>,
  { chosen }: Complete,
): boolean {
  const { shared } = target;
  const same =
    state.meaning !== undefined && sameMeaning(state.meaning, meaningOfChosen({ rule, chosen, shared }));
  if (!same || !shared) return same;
  return state.kind === 'own' && (sameBuildName(rule, build, state.build) || rule.newest.by === 'created');
}

function sameBuildName(rule: Rule, a: Build, b: Build): boolean {
  return buildName(rule, a.captures) === buildName(rule, b.captures);
}

function sameDigests(a: readonly Digest[], b: readonly Digest[]): boolean {
  return a.length === b.length && a.every((digest, at) => digest === b[at]);
}

function twoRules(question: Question): Reason {
  const { rule, target } = question;
  const rules = [rule, ...target.rivals].map(({ name, line }) => ({ name, line }));
  return { code: 'two-rules', target: fullName(question), rules: rules.toSorted((a, b) => a.line - b.line) };
}

function unordered(question: Question, other: Build): Reason {
  const { rule, build } = question;
  const builds = [buildName(rule, build.captures), buildName(rule, other.captures)] as const;
  return { code: 'unordered', builds, target: fullName(question) };
}

function named(rule: Rule, { revision, build }: Own): string {
  return revision === undefined ? buildName(rule, build.captures) : shortBuild(revision);
}

function fullName({ repository, target }: Pick<Question, 'repository' | 'target'>): string {
  return `${repository}:${target.tag}`;
}
