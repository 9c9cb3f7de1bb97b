/** A mistake or a warning, with its place in the file. Holds no secret: what it quotes was masked before. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** One after the last marked character, on the same line. */
  readonly endColumn: number;
  readonly message: string;
  readonly next?: string;
  /** The line as it is shown, and where the mark under it begins and ends (from 0). */
  readonly frame: { readonly text: string; readonly from: number; readonly to: number };
}

/** What is wrong, without its place. `offset` and `length` narrow the place to a part of a text. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
  readonly severity?: 'error' | 'warning';
  readonly offset?: number;
  readonly length?: number;
}

/** A value as a message quotes it: cut, and nothing in it moves a cursor. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return `"${plain(text.length > 80 ? `${text.slice(0, 77)}...` : text)}"`;
}

/** Text with each control and bidirectional character replaced by one `?`, so that columns stay right. */
export function plain(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    '?',
  );
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
