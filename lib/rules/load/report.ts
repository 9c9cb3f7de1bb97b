import { LineCounter } from 'yaml';
import { type Finding, plain, type Refusal } from './finding.ts';
import { maskLine, type Secrets } from './secrets.ts';
import type { Range, Tree } from './yaml-tree.ts';

const WIDEST = 200;
const AROUND = 1_200;

/** Collects the findings of one file, gives each its place, and hides the secrets in what is shown. */
export class Report {
  readonly #file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #secrets: Secrets;
  readonly #found: (Refusal & { readonly range: Range })[] = [];

  constructor(file: string, text: string, secrets: Secrets) {
    this.#file = file;
    this.#text = text;
    this.#secrets = secrets;
    this.#lines.addNewLine(0);
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#lines.addNewLine(i + 1);
  }

  get file(): string {
    return this.#file;
  }

  add(range: Range, refusal: Refusal): void {
    this.#found.push({ ...refusal, range });
  }

  /** A mistake in a value; in a text, the part that the refusal's offset and length say, where it stands there so. */
  addAt(tree: Tree, refusal: Refusal): void {
    this.add(partOf(tree, refusal) ?? tree.range, refusal);
  }

  lineOf(range: Range): number {
    return this.#lines.linePos(range.from).line;
  }

  /** In the file's order, none twice (an alias brings the same place again), no warning where a mistake is. */
  findings(): readonly Finding[] {
    const seen = new Set<string>();
    const wrong = new Set(this.#found.filter(one => one.severity !== 'warning').map(one => one.range.from));
    return this.#found
      .filter(one => one.severity !== 'warning' || !wrong.has(one.range.from))
      .map(found => this.#finding(found))
      .sort((a, b) => a.line - b.line || a.column - b.column)
      .filter(({ line, column, code, message }) => {
        const key = JSON.stringify([line, column, code, message]);
        return !seen.has(key) && seen.add(key);
      });
  }

  #finding({ range, severity = 'error', code, message, next }: Refusal & { readonly range: Range }): Finding {
    const { line, col } = this.#lines.linePos(range.from);
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const following = this.#lines.lineStarts[line];
    let end = following === undefined ? this.#text.length : following - 1;
    if (this.#text[end - 1] === '\r') end--;
    const to = Math.max(range.from + 1, Math.min(range.to, end));
    // Far more than is shown, so that what is cut off at the ends cannot be half of a secret that is shown.
    const first = Math.max(start, range.from - AROUND);
    const source = this.#text.slice(first, Math.min(end, first + 2 * AROUND));
    const masked = maskLine(source, first, this.#secrets, { from: range.from - first, to: to - first });
    return {
      severity,
      code,
      file: this.#file,
      line,
      column: col,
      endColumn: to - start + 1,
      message: this.#secrets.scrub(message),
      ...(next === undefined ? {} : { next: this.#secrets.scrub(next) }),
      frame: windowed({ ...masked, text: plain(masked.text).replaceAll('\t', ' ') }),
    };
  }
}

/** A line of a file that was made by a machine can be a megabyte; what is shown is the part with the mark. */
function windowed(frame: Finding['frame']): Finding['frame'] {
  if (frame.text.length <= WIDEST) return frame;
  const first = Math.max(0, frame.from - 60);
  const text = frame.text.slice(first, first + WIDEST);
  const from = frame.from - first;
  return { text, from, to: Math.min(Math.max(frame.to - first, from + 1), text.length + 1) };
}

function partOf(tree: Tree, { offset, length = 1 }: Refusal): Range | undefined {
  if (offset === undefined || tree.kind !== 'scalar' || typeof tree.value !== 'string' || tree.viaAlias)
    return undefined;
  const inner = tree.source.indexOf(tree.value);
  const from = tree.range.from + inner + offset;
  return inner < 0 ? undefined : { from, to: from + Math.max(1, length) };
}
