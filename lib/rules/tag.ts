const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Whether a registry takes `text` as a tag (OCI distribution specification: at most 128 characters). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}
