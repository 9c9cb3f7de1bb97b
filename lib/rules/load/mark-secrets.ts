import { isPointer, isSecretKey, type Secrets } from './secrets.ts';
import type { Tree } from './yaml-tree.ts';

/** Finds every secret of a file before anything of it is shown, wherever it was put. */
export function markSecrets(tree: Tree, secrets: Secrets): void {
  if (tree.kind === 'list') for (const item of tree.items) markSecrets(item, secrets);
  if (tree.kind !== 'map') return;
  for (const { key, value } of tree.entries.values()) {
    if (holdsSecret(key, value)) secrets.add(value);
    else markSecrets(value, secrets);
  }
}

/** Keys whose value says where a secret is. */
const POINTERS: readonly string[] = ['credentials', 'hook', 'notify'];

/** Whether a secret stands at this key, where only a pointer to one may stand. */
export function holdsSecret(key: string, value: Tree): boolean {
  if (!POINTERS.includes(key) && !isSecretKey(key)) return false;
  return value.kind !== 'scalar' || (value.value !== null && !isPointer(String(value.value)));
}
