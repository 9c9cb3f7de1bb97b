import type { Range, Tree } from './yaml-tree.ts';

/** What a secret is replaced by; its length tells nothing. */
const MASK = '********';
const SECRET_KEY =
  /^(?:.*[_-])?(?:pass(?:word|wd|phrase)?|pw|secret|token|auth|login|api_?key|access_?key|private_?key|secret_?key)$/i;
const POINTER = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|secretsmanager:[^\s]+)$/;
/** For files that are no YAML, where nothing but the text is known. */
const SECRET_LINE =
  /(?:^|[\s{,"'])[\w-]*(?:pass(?:word|wd|phrase)?|pw|secret|token|auth|login|key|credentials|hook|notify)["']?\s*:\s*(?!env:|secretsmanager:)(\S.*)$/i;
// The bounds keep the time in proportion to the text.
const USERINFO = /[^\s/:@"']{1,64}:([^\s/@"']{1,1000})@/g;

/** Whether a key of this name is there to hold a secret. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.replace(/([a-z])([A-Z])/g, '$1_$2'));
}

/** Whether it says where a secret is (`env:NAME`, `secretsmanager:ARN`) and is none itself. */
export function isPointer(value: string): boolean {
  return POINTER.test(value);
}

/** The secrets of a file: where they stand, and what they are, so that neither is shown. */
export class Secrets {
  readonly ranges: Range[] = [];
  readonly #values = new Set<string>();

  /** Of `user:password` only the password is hidden; of everything else all of it. */
  add(tree: Tree): void {
    if (tree.kind === 'list') for (const item of tree.items) this.add(item);
    if (tree.kind === 'map') for (const { value } of tree.entries.values()) this.add(value);
    if (tree.kind !== 'scalar' || tree.source === '') return;
    const value = String(tree.value);
    const user = /^[A-Za-z0-9._@-]{1,64}:(?=.)/.exec(value)?.[0].length ?? 0;
    const inner = tree.viaAlias ? -1 : tree.source.indexOf(value);
    const quote = /^["']/.test(tree.source) ? 1 : 0;
    this.ranges.push(
      inner < 0
        ? { from: tree.range.from, to: tree.range.to }
        : { from: tree.range.from + inner + user, to: tree.range.to - quote },
    );
    this.#remember(value.slice(user));
    this.#remember(tree.source.replace(/^["']|["']$/g, '').slice(inner < 0 ? 0 : user));
  }

  /** The text without any secret in it. */
  scrub(text: string): string {
    let scrubbed = text;
    for (const value of this.#values) scrubbed = scrubbed.replaceAll(value, MASK);
    return scrubbed.replace(USERINFO, (whole, password: string) =>
      whole.replace(`:${password}@`, `:${MASK}@`),
    );
  }

  /** Where else on a line a value stands that is a secret somewhere in the file. */
  *copiesIn(line: string): Generator<Range> {
    for (const value of this.#values) {
      for (let from = line.indexOf(value); from >= 0; from = line.indexOf(value, from + value.length)) {
        yield { from, to: from + value.length };
      }
    }
    if (!line.includes('@')) return;
    for (const found of line.matchAll(USERINFO)) {
      const to = found.index + found[0].length - 1;
      yield { from: to - found[1]!.length, to };
    }
  }

  // Shorter ones would mask half of the file; where they stand they are masked all the same.
  #remember(value: string): void {
    if (value.length >= 4) this.#values.add(value);
  }
}

/** The line with its secrets masked, and the mark moved along. `start` is where the line begins in the file. */
export function maskLine(
  line: string,
  start: number,
  secrets: Secrets,
  mark: Range,
): { readonly text: string; readonly from: number; readonly to: number } {
  const inLine = secrets.ranges
    .map(({ from, to }) => ({ from: Math.max(0, from - start), to: Math.min(line.length, to - start) }))
    .filter(({ from, to }) => from < to);
  let text = '';
  let done = 0;
  let { from, to } = mark;
  for (const range of united([...inLine, ...secrets.copiesIn(line)])) {
    text += line.slice(done, range.from) + MASK;
    done = range.to;
    const longer = MASK.length - (range.to - range.from);
    if (mark.from >= range.to) from += longer;
    else if (mark.from > range.from) from = text.length - MASK.length;
    if (mark.to >= range.to) to += longer;
    else if (mark.to > range.from) to = text.length;
  }
  return { text: text + line.slice(done), from, to: Math.max(to, from + 1) };
}

/** What looks like a secret in a file that cannot be read as YAML. */
export function addSecretLines(text: string, secrets: Secrets): void {
  let start = 0;
  for (const line of text.split('\n')) {
    const found = SECRET_LINE.exec(line);
    if (found?.[1])
      secrets.ranges.push({ from: start + line.length - found[1].length, to: start + line.length });
    start += line.length + 1;
  }
}

function united(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from || b.to - a.to);
  const result: Range[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last && range.from < last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else result.push(range);
  }
  return result;
}
