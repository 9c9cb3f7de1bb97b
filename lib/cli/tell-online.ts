import { printable } from '../image/printable.ts';
import type { CheckedRegistry } from './check-online.ts';
import type { Colour, Paint } from './terminal.ts';

const COLOURS: Readonly<Record<string, Colour>> = {
  ok: 'green',
  WRONG: 'red',
  warn: 'yellow',
  skip: 'dim',
};

/** What `check --online` found: a line a check, what to do below it, and how much is wrong. */
export function onlineLines(checked: readonly CheckedRegistry[], paint: Paint): readonly string[] {
  const names = Math.max(...checked.map(({ name }) => name.length), 0);
  const lines = checked.flatMap(({ name, host, results }) => [
    name === host ? host : `${name.padEnd(names)}  ${host}`,
    ...results.flatMap(({ check, verdict, message, next }) => [
      `  ${paint(verdict.padEnd(7), COLOURS[verdict] ?? 'dim')}${check.padEnd(13)}${printable(message)}`,
      ...(next === undefined ? [] : [`         next         ${printable(next)}`]),
    ]),
  ]);
  const all = checked.flatMap(({ results }) => results).filter(({ verdict }) => verdict !== 'warn');
  const wrong = all.filter(({ verdict }) => verdict === 'WRONG').length;
  const skipped = all.filter(({ verdict }) => verdict === 'skip').length;
  const untried = skipped === 0 ? '' : `; ${skipped} not tried`;
  const sum =
    wrong === 0
      ? `${all.length} checks, nothing wrong${untried}.`
      : `${wrong} of ${all.length} checks wrong.`;
  return [...lines, sum];
}

/** The same for --json. */
export function onlineDocument(checked: readonly CheckedRegistry[]) {
  return checked.flatMap(({ name, host, results }) =>
    results.map(({ check, verdict, message, next }) => ({
      registry: name,
      host,
      check,
      ok: verdict === 'ok' ? true : verdict === 'WRONG' ? false : null,
      message,
      next: next ?? null,
    })),
  );
}
