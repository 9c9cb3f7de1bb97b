import type { Floor, WakeUp } from './wake-up.ts';

/** One look for each group and target, with what was announced of each of its tags last. */
export function coalesce(
  wakeUps: readonly WakeUp[],
): readonly { readonly wakeUp: WakeUp; readonly floors: readonly Floor[] }[] {
  const distinct = new Map<string, { wakeUp: WakeUp; byTag: Map<string, Floor> }>();
  for (const wakeUp of wakeUps) {
    const subject = wakeUp.kind === 'verify' ? [wakeUp.target] : Object.entries(wakeUp.captures).toSorted();
    const key = JSON.stringify([wakeUp.rule, wakeUp.kind, subject]);
    const byTag = distinct.get(key)?.byTag ?? new Map<string, Floor>();
    if (wakeUp.floor !== undefined) byTag.set(wakeUp.floor.tag, wakeUp.floor);
    distinct.set(key, { wakeUp, byTag });
  }
  return [...distinct.values()].map(({ wakeUp, byTag }) => ({ wakeUp, floors: [...byTag.values()] }));
}
