/**
 * Text that somebody else wrote (a label, a platform, a registry's words) as it may stand in a line for people: C0,
 * C1 and bidirectional controls as `\u{202e}`, so that nothing can move the cursor, forge a line or reorder one.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
