import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { coalesce } from './coalesce.ts';
import { examineGroup, examineTarget, type Place, type Verdict } from './examine.ts';
import { type Again, lookAgain } from './look-again.ts';
import { publish, rememberBaseline, rememberSeen, type Writing } from './publish.ts';
import { type Outcome, report, type Written } from './report.ts';
import type { Floor, WakeUp } from './wake-up.ts';
import type { World } from './world.ts';

/** How often a pass looks again before it hands the work back. */
const ROUNDS = 3;
/** From which attempt on an announced image that cannot be read, or a child that is gone, is believed to be gone. */
const PATIENCE = 3;

type Trouble =
  | Extract<Again, { kind: 'moved' | 'child-gone' }>
  | Extract<Writing, { kind: 'again' | 'child-gone' }>;

/**
 * One pass over one key: take, observe, decide, publish, look again, report.
 *
 * `wakeUps` are all that are known for the key; each is answered by what is seen now, so one pass covers them all.
 * Waiting and held are outcomes. Throws what could not be decided or is not at rest, after the other targets were
 * served: the wake-ups then come back. `attempt` counts from 0.
 */
export async function assemble(
  world: World,
  wakeUps: readonly WakeUp[],
  attempt = 0,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const failures: unknown[] = [];
  for (const { wakeUp, floors } of coalesce(wakeUps)) {
    const place = placeOf(world, wakeUp);
    if (place === undefined) continue;
    try {
      const look = { old: false };
      for (const verdict of await examine(world, place, wakeUp, attempt < PATIENCE ? floors : [])) {
        try {
          outcomes.push(await serve(world, verdict, wakeUp, attempt, look));
        } catch (error) {
          failures.push(error);
        }
      }
    } catch (error) {
      failures.push(error);
    }
  }
  // One that waiting may mend goes first: it brings the wake-ups back, and the others are met again then.
  if (failures.length > 0) throw failures.find(isRetryable) ?? failures[0];
  return outcomes;
}

/**
 * Brings one target to rest, or says why it stays as it is. All targets of a group are looked at once; `look` tells
 * those that are served later that things have moved since.
 */
async function serve(
  world: World,
  first: Verdict,
  { cause }: WakeUp,
  attempt: number,
  look: { old: boolean },
): Promise<Outcome> {
  let verdict = first;
  let written: Written | undefined;
  let trouble: Trouble | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0 || look.old) verdict = await examineTarget(world, first, first.target.tag, cause.source);
    if (!(await rememberSeen(world, verdict))) {
      look.old = true;
      trouble = { kind: 'moved' };
      continue;
    }
    await rememberBaseline(world, verdict);
    const { kind } = verdict.decision;
    if (kind !== 'publish' && kind !== 'restore') return report(world, { verdict, cause, written });
    if (verdict.rule.mode === 'report') return report(world, { verdict, cause, written });

    const writing = await publish(world, verdict);
    if (writing.kind === 'held') return report(world, { verdict, cause, written, held: writing.reason });
    if (writing.kind === 'settled')
      return report(world, { verdict: { ...verdict, decision: writing.decision }, cause, written });
    if (writing.kind === 'again' || writing.kind === 'child-gone') {
      look.old = true;
      trouble = writing;
      continue;
    }
    written = { verdict, manifest: writing.manifest };
    const again = await lookAgain(world, verdict, writing.manifest).catch(async error => {
      await report(world, { verdict, cause, written }); // it is written: the next pass finds nothing left to tell
      throw error;
    });
    if (again.kind !== 'still') look.old = true;
    if (again.kind === 'still' || again.kind === 'target-gone')
      return report(world, { verdict, cause, written });
    trouble = again;
  }
  // A child that a replica does not have yet comes; one that stays away was deleted, and that is for people.
  if (trouble?.kind === 'child-gone' && attempt >= PATIENCE)
    return report(world, { verdict, cause, written, held: trouble.reason });
  throw trouble?.kind === 'again' ? trouble.error : restless(first);
}

function examine(
  world: World,
  place: Place,
  wakeUp: WakeUp,
  floors: readonly Floor[],
): Promise<readonly Verdict[]> {
  const { source } = wakeUp.cause;
  return wakeUp.kind === 'group'
    ? examineGroup(world, place, wakeUp.captures, source, floors)
    : examineTarget(world, place, wakeUp.target, source, floors).then(verdict => [verdict]);
}

function isRetryable(error: unknown): boolean {
  return isArchweaveError(error) && error.retryable;
}

/** Undefined where the rule has left the configuration since the wake-up was sent: there is nothing to do. */
function placeOf({ rules }: World, { registry, repository, rule: name }: WakeUp): Place | undefined {
  const rule = rules.find(candidate => candidate.name === name);
  return rule && { registry, repository, rule };
}

function restless({ registry, repository, target }: Verdict): ArchweaveError {
  return new ArchweaveError({
    code: 'tag-moved',
    attempt: `bring ${registry}/${repository}:${target.tag} to rest`,
    reason: `its members moved in each of ${ROUNDS} looks`,
    retryable: true,
  });
}
